# Numbers of R's package survival for tests/warehouse/test_time_dependent_against_r.py.
# Run from this folder: Rscript time_dependent.R. Reads the bundled GBSG2 and splits the time of each woman where her arm changes (tmerge);
# writes time_dependent_cox.csv (one row per case and arm: coxph with Efron's ties against the last arm), time_dependent_tests.csv (one row
# per case: Mantel and Byar, reckoned here as survdiff does it, but over the women who are in each arm on the day, and held against the score
# test of coxph with exact ties where few fall on one day) and time_dependent_curves.csv (one row per case `ties` or `three`, arm and day: Simon and Makuch).
library(survival)

gbsg2 <- read.csv("../../../etl/examples/trial_days/exports/gbsg2.csv", comment.char = "#")
row <- seq_len(nrow(gbsg2))
# A day of decision made of the row alone, from 37 days before the origin to 13 * 37 after it.
decided <- ifelse(gbsg2$horTh == "yes", 37 * (row %% 15 - 1), NA)
two <- data.frame(case = "two", id = row, days = gbsg2$time, is_event = gbsg2$cens, decided = decided, first = "none")
# Days in steps of 100: many events on one day, and arms decided on the day of the event or after it.
ties <- transform(two, case = "ties", days = 100 * ceiling(days / 100), decided = 100 * decided / 37)
# Those with grade III are in an arm of their own from the beginning, until it is decided that they are in the first.
three <- transform(two, case = "three", first = ifelse(gbsg2$tgrade == "III", "third", "none"))
# Thirty women decided late beside all others.
few <- transform(two, case = "few", decided = ifelse(row <= 30, 37 * row, NA))
# No two women leave on one day.
untied <- transform(two, case = "untied", days = 1000 * days + id, decided = 1000 * decided)
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

tight <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)
# Observed less expected events of each arm, and their variance given the sets at risk: hypergeometric on each day with events.
mantel_byar <- function(d) {
  arms <- levels(d$arm); difference <- numeric(length(arms)); variance <- matrix(0, length(arms), length(arms))
  for (day in sort(unique(d$tstop[d$event == 1]))) {
    at_risk <- table(d$arm[d$tstart < day & d$tstop >= day]); died <- table(d$arm[d$tstop == day & d$event == 1])
    n <- sum(at_risk); share <- as.numeric(at_risk) / n
    difference <- difference + as.numeric(died) - sum(died) * share
    if (n > 1) variance <- variance + sum(died) * (n - sum(died)) / (n - 1) * (diag(share) - outer(share, share))
  }
  kept <- seq_along(arms)[-1]
  as.numeric(difference[kept] %*% solve(variance[kept, kept], difference[kept]))
}
ratios <- NULL; tests <- NULL; curves <- NULL
for (women in list(two, ties, three, few, untied)) {
  case <- women$case[1]
  split <- tmerge(women, women, id = id, event = event(days, is_event), is_decided = tdc(decided))
  split$arm <- ifelse(split$is_decided == 1, "hormonal", split$first)
  # The last arm is the reference.
  arms <- c("hormonal", setdiff(c("third", "none"), setdiff(c("third", "none"), split$arm)))
  split$arm <- relevel(factor(split$arm, levels = arms), ref = arms[length(arms)])
  fit <- coxph(Surv(tstart, tstop, event) ~ arm, data = split, ties = "efron", control = tight)
  s <- summary(fit)
  named <- sub("^arm", "", rownames(s$coefficients))
  ratios <- rbind(ratios, data.frame(case = case, arm = named, coefficient = full(s$coefficients[, "coef"]), se = full(s$coefficients[, "se(coef)"]),
                                     hazard_ratio = full(s$conf.int[, "exp(coef)"]), lower = full(s$conf.int[, "lower .95"]),
                                     upper = full(s$conf.int[, "upper .95"]), p = full(s$coefficients[, "Pr(>|z|)"])))
  chi_square <- mantel_byar(split); df <- length(arms) - 1
  # With dozens of events on one day R takes minutes for the exact likelihood.
  if (max(table(split$tstop[split$event == 1])) < 6) {
    exact <- coxph(Surv(tstart, tstop, event) ~ arm, data = split, ties = "exact")
    stopifnot(isTRUE(all.equal(chi_square, exact$score, tolerance = 1e-9)))
  }
  tests <- rbind(tests, data.frame(case = case, chi_square = full(chi_square), df = df, p = full(pchisq(chi_square, df, lower.tail = FALSE))))
  for (arm in if (case %in% c("ties", "three")) arms else character(0)) {
    s <- summary(survfit(Surv(tstart, tstop, event) ~ 1, data = split[split$arm == arm, ], conf.type = "log"), censored = TRUE)
    curves <- rbind(curves, data.frame(case = case, arm = arm, days = s$time, at_risk = s$n.risk, events = s$n.event, survival = full(s$surv),
                                       se = full(s$std.err), lower = full(s$lower), upper = full(s$upper)))
  }
}
write.csv(ratios, "time_dependent_cox.csv", row.names = FALSE, quote = FALSE)
write.csv(tests, "time_dependent_tests.csv", row.names = FALSE, quote = FALSE)
write.csv(curves, "time_dependent_curves.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
