# Numbers of R's package survival for tests/warehouse/test_incidence_against_r.py: the Aalen-Johansen estimate of several states.
# Run from this folder: Rscript competing.R. Writes incidence.csv (one row per case, cause and day). Seventeen significant
# digits: what a double holds.
library(survival)

edge <- read.csv("competing_cases.csv", na.strings = "")
edge <- edge[rep(seq_len(nrow(edge)), edge$n), c("case", "entry_days", "days", "cause")]
gbsg2 <- read.csv("../../../etl/examples/trial_days/exports/gbsg2.csv", comment.char = "#")
# The events of the trial dealt to two made-up causes: 686 women with ties, as many days as a study has.
gbsg2 <- data.frame(case = "gbsg2", entry_days = 0, days = gbsg2$time,
                    cause = ifelse(gbsg2$cens == 0, NA, ifelse(gbsg2$menostat == "Post", "a", "b")))
late <- transform(gbsg2, case = "gbsg2_late", entry_days = ifelse(seq_along(days) %% 3 == 0, pmin(days - 1, 200), 0))
data <- rbind(edge, gbsg2, late)
conventions <- c("log", "log-log", "plain")
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

made <- NULL
for (case in unique(data$case)) {
  d <- data[data$case == case, ]
  causes <- c("a", "b", if (any(d$cause == "c", na.rm = TRUE)) "c")
  d$status <- factor(ifelse(is.na(d$cause), "censored", d$cause), c("censored", causes))
  d$id <- seq_len(nrow(d))
  fits <- lapply(conventions, function(convention) {
    if (any(d$entry_days > 0)) survfit(Surv(entry_days, days, status) ~ 1, data = d, id = id, conf.type = convention)
    else survfit(Surv(days, status) ~ 1, data = d, conf.type = convention)
  })
  for (cause in causes) {
    of_cause <- function(s, name) s[[name]][, match(cause, s$states)]
    s <- lapply(fits, summary, censored = TRUE)
    row <- data.frame(case = case, cause = cause, days = s[[1]]$time, at_risk = s[[1]]$n.risk[, 1], events = of_cause(s[[1]], "n.event"),
                      incidence = full(of_cause(s[[1]], "pstate")), se = full(of_cause(s[[1]], "std.err")))
    for (i in seq_along(conventions)) {
      row[[paste0("lower_", conventions[i])]] <- full(of_cause(s[[i]], "lower"))
      row[[paste0("upper_", conventions[i])]] <- full(of_cause(s[[i]], "upper"))
    }
    made <- rbind(made, row)
  }
}
write.csv(made, "incidence.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
