# Numbers of R's package survival for tests/warehouse/test_late_entry_against_r.py.
# Run from this folder: Rscript late_entry.R. Reads late_cases.csv (one row per woman: case, arm, entry_days, days, is_event) and the bundled
# GBSG2; writes late_curves.csv (one row per case, arm and day), late_medians.csv (one row per case, arm and convention) and
# late_tests.csv (one row per case). The test with late entry is the score test of coxph with exact ties: the log-rank test over the
# sets at risk. A landmark takes who is followed beyond it, counts from it and is tested by survdiff.
library(survival)

gbsg2 <- read.csv("../../../etl/examples/trial_days/exports/gbsg2.csv", comment.char = "#")
gbsg2 <- data.frame(arm = ifelse(gbsg2$horTh == "yes", "hormonal", "none"), days = gbsg2$time, is_event = gbsg2$cens, row = seq_len(nrow(gbsg2)))
# A day of entry made of the row alone: 0, 37, 74, ... 555 and again from 0.
late <- transform(gbsg2, case = "gbsg2", entry_days = 37 * (row %% 16))
late <- late[late$days > late$entry_days, ]
# The arm `hormonal` decided on that day, all others at risk from the origin.
decided <- transform(late, case = "gbsg2_decided", entry_days = ifelse(arm == "hormonal", entry_days, 0))
# Thirteen women decided late beside all others, as in the first study: the variance of the difference is a small part of the whole.
few <- transform(late, case = "gbsg2_few", arm = ifelse(row <= 13, "few", "many"), entry_days = ifelse(row <= 13, entry_days, 0))
names <- c("case", "arm", "entry_days", "days", "is_event")
edge <- read.csv("late_cases.csv")
data <- rbind(edge, late[names], decided[names], few[names])
mark <- 400
landmark <- gbsg2[gbsg2$days > mark, ]
landmark <- data.frame(case = "gbsg2_landmark", arm = landmark$arm, entry_days = 0, days = landmark$days - mark, is_event = landmark$is_event)
conventions <- c("log", "log-log", "plain")
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

response <- function(d, event = d$is_event) {
  if (any(d$entry_days > 0)) Surv(d$entry_days, d$days, event) else Surv(d$days, event)
}
curves <- NULL; medians <- NULL; tests <- NULL
for (case in unique(c(data$case, landmark$case))) {
  of_case <- rbind(data, landmark)[c(data$case, landmark$case) == case, ]
  for (arm in unique(of_case$arm)) {
    d <- of_case[of_case$arm == arm, ]
    row <- NULL
    for (convention in conventions) {
      fit <- survfit(response(d) ~ 1, conf.type = convention)
      s <- summary(fit, censored = TRUE)
      if (is.null(row)) row <- data.frame(case = case, arm = arm, days = s$time, at_risk = s$n.risk, events = s$n.event,
                                          censored = s$n.censor, survival = full(s$surv), se = full(s$std.err))
      row[[paste0("lower_", convention)]] <- full(s$lower)
      row[[paste0("upper_", convention)]] <- full(s$upper)
      t <- summary(fit)$table
      reverse <- summary(survfit(response(d, 1 - d$is_event) ~ 1))$table[["median"]]
      medians <- rbind(medians, data.frame(case = case, arm = arm, ci = convention, median = full(t[["median"]]),
                                           lower = full(t[["0.95LCL"]]), upper = full(t[["0.95UCL"]]), follow_up = full(reverse)))
    }
    curves <- rbind(curves, row)
  }
  if (length(unique(of_case$arm)) > 1) {
    if (any(of_case$entry_days > 0)) {
      fit <- coxph(response(of_case) ~ factor(arm), data = of_case, ties = "exact")
      chi_square <- fit$score; df <- sum(!is.na(fit$coefficients))
    } else {
      test <- survdiff(Surv(days, is_event) ~ arm, data = of_case)
      chi_square <- test$chisq; df <- sum(test$exp > 0) - 1
    }
    tests <- rbind(tests, data.frame(case = case, chi_square = full(chi_square), df = df,
                                     p = full(pchisq(chi_square, df, lower.tail = FALSE))))
  }
}
write.csv(curves, "late_curves.csv", row.names = FALSE, quote = FALSE)
write.csv(medians, "late_medians.csv", row.names = FALSE, quote = FALSE)
write.csv(tests, "late_tests.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
