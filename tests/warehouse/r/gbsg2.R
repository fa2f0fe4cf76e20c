# Numbers of R's package survival for tests/warehouse/test_survival_against_r.py.
# Run from this folder: Rscript gbsg2.R. Writes curves.csv (one row per case, arm and day), medians.csv (one row per case,
# arm and convention) and tests.csv (one row per case). Seventeen significant digits: what a double holds.
library(survival)

edge <- read.csv("edge_cases.csv")
gbsg2 <- read.csv("../../../etl/examples/trial_days/exports/gbsg2.csv", comment.char = "#")
gbsg2 <- data.frame(case = "gbsg2", arm = ifelse(gbsg2$horTh == "yes", "hormonal", "none"), entry_days = 0,
                    days = gbsg2$time, is_event = gbsg2$cens)
# The same women as they were known after 730 days: who was followed longer is censored there.
horizon <- transform(gbsg2, case = "gbsg2_730", days = pmin(days, 730), is_event = is_event * (days <= 730))
data <- rbind(gbsg2, edge, horizon)
conventions <- c("log", "log-log", "plain")
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

response <- function(d, event = d$is_event) {
  if (any(d$entry_days > 0)) Surv(d$entry_days, d$days, event) else Surv(d$days, event)
}
fit <- function(d, convention) survfit(response(d) ~ 1, conf.type = convention)

curves <- NULL; medians <- NULL; tests <- NULL
for (case in unique(data$case)) {
  of_case <- data[data$case == case, ]
  for (arm in unique(of_case$arm)) {
    d <- of_case[of_case$arm == arm, ]
    fits <- lapply(conventions, function(convention) fit(d, convention))
    s <- summary(fits[[1]], censored = TRUE)
    row <- data.frame(case = case, arm = arm, days = s$time, at_risk = s$n.risk, events = s$n.event, censored = s$n.censor,
                      survival = full(s$surv), se = full(s$std.err))
    for (i in seq_along(conventions)) {
      s <- summary(fits[[i]], censored = TRUE)
      row[[paste0("lower_", conventions[i])]] <- full(s$lower)
      row[[paste0("upper_", conventions[i])]] <- full(s$upper)
      t <- summary(fits[[i]])$table
      reverse <- if (any(d$entry_days > 0)) NA else
        summary(survfit(Surv(d$days, 1 - d$is_event) ~ 1))$table[["median"]]
      medians <- rbind(medians, data.frame(case = case, arm = arm, ci = conventions[i], median = full(t[["median"]]),
                                           lower = full(t[["0.95LCL"]]), upper = full(t[["0.95UCL"]]), follow_up = full(reverse)))
    }
    curves <- rbind(curves, row)
  }
  if (length(unique(of_case$arm)) > 1) {
    test <- survdiff(Surv(days, is_event) ~ arm, data = of_case)
    df <- sum(test$exp > 0) - 1
    tests <- rbind(tests, data.frame(case = case, chi_square = full(test$chisq), df = df,
                                     p = full(pchisq(test$chisq, df, lower.tail = FALSE))))
  }
}
write.csv(curves, "curves.csv", row.names = FALSE, quote = FALSE)
write.csv(medians, "medians.csv", row.names = FALSE, quote = FALSE)
write.csv(tests, "tests.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
