# Numbers of R's package survival for tests/warehouse/test_all_analyses_against_r.py: every analysis of one small registry, from its days.
# Run from this folder: Rscript all_analyses.R. Reads all_analyses_women.csv (one row per woman; days from the first treatment; ties, entries
# and decisions on the days of events among them) and writes all_analyses_curves.csv (one row per analysis, arm, cause and day),
# all_analyses_arms.csv (one row per analysis, endpoint and arm), all_analyses_risk.csv (one row per analysis, arm and month) and
# all_analyses_tests.csv (one row per analysis and comparison, or hazard ratio).
library(survival)

horizon <- 1350; landmark <- 180; month <- 30.4375; convention <- "log-log"; ticks <- c(0, 12, 24, 36)
arms <- c("operated", "staged", "rest")
women <- read.csv("all_analyses_women.csv", na.strings = "")
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", as.numeric(x)))
is_stage_1 <- !is.na(women$stage) & women$stage == "I"
arm_of <- function(is_operated) ifelse(is_operated, "operated", ifelse(is_stage_1, "staged", "rest"))
dying <- data.frame(id = women$id, arm = arm_of(!is.na(women$operated_day)), first = arm_of(is.na(women$id)), decided = women$operated_day,
                    seen = women$entry_day, days = women$last_day, cause = women$is_dead)
recurring <- transform(dying, days = ifelse(is.na(women$recurrence_day), days, women$recurrence_day),
                       cause = ifelse(is.na(women$recurrence_day), ifelse(cause == 1, 2, 0), 1))
# Who is at risk from a day on: not who ended by then, nor who enters when the curve has ended. At risk on day 0 is who enters by then.
at_risk_from <- function(d, entry) {
  d$entry <- pmax(entry, 0)
  d[!(d$entry > 0 & d$days <= d$entry) & d$entry < horizon, ]
}
# By arm, and all together: an arm enters when it is decided, all do not wait for that.
sets <- function(analysis, d) {
  if (analysis == "as_published") return(list(by_arm = transform(d, entry = 0), all = transform(d, entry = 0)))
  if (analysis == "delayed_entry")
    return(list(by_arm = at_risk_from(d, pmax(d$seen, ifelse(is.na(d$decided), 0, d$decided))), all = at_risk_from(d, d$seen)))
  if (analysis == "landmark") {
    d$arm <- ifelse(!is.na(d$decided) & d$decided <= landmark, "operated", d$first)
    d <- at_risk_from(d, pmax(d$seen, landmark))
    d <- transform(d, entry = entry - landmark, days = days - landmark)
    return(list(by_arm = d, all = d))
  }
  early <- !is.na(d$decided) & d$decided <= 0
  later <- !is.na(d$decided) & d$decided > 0 & d$decided < d$days
  before <- transform(d[!early, ], arm = first, days = ifelse(later[!early], decided, days), cause = ifelse(later[!early], 0, cause))
  after <- transform(d[early | later, ], arm = "operated", seen = pmax(seen, decided))
  list(by_arm = at_risk_from(rbind(before, after), c(before$seen, after$seen)), all = at_risk_from(d, d$seen))
}
cut_at <- function(d, day) transform(d, cause = ifelse(days > day, 0, cause), days = pmin(days, day))
# With late entry survfit takes no time of length 0: day 0 is a day on which who enters by it is at risk.
response <- function(d, event) if (any(d$entry > 0)) Surv(ifelse(d$entry <= 0, -1, d$entry), d$days, event) else Surv(d$days, event)
log_rank <- function(d, compared) {
  d <- d[d$arm %in% compared, ]; entry <- ifelse(d$entry <= 0, -1, d$entry)
  difference <- numeric(length(compared)); variance <- matrix(0, length(compared), length(compared))
  for (day in sort(unique(d$days[d$cause == 1]))) {
    n <- sapply(compared, function(a) sum(d$arm == a & entry < day & d$days >= day)); all <- sum(n)
    died <- sapply(compared, function(a) sum(d$arm == a & d$days == day & d$cause == 1))
    if (all < 2) next
    difference <- difference + died - sum(died) * n / all
    variance <- variance + sum(died) * (all - sum(died)) / (all - 1) * (diag(n / all) - outer(n / all, n / all))
  }
  as.numeric(difference[-1] %*% solve(variance[-1, -1], difference[-1]))
}
curves <- NULL; summaries <- NULL; risk <- NULL; tests <- NULL
for (analysis in c("as_published", "delayed_entry", "landmark", "time_dependent")) {
  end <- horizon - if (analysis == "landmark") landmark else 0
  for (endpoint in c("survival", "recurrence")) {
    if (analysis == "time_dependent" && endpoint == "recurrence") next
    set <- sets(analysis, if (endpoint == "survival") dying else recurring)
    for (arm in c(arms, "all")) {
      whole <- if (arm == "all") set$all else set$by_arm[set$by_arm$arm == arm, ]
      d <- cut_at(whole, end)
      row <- data.frame(analysis, endpoint, arm, n = nrow(d), events = sum(d$cause == 1), median = "", lower = "", upper = "",
                        follow_up = full(summary(survfit(response(whole, whole$cause == 0) ~ 1))$table[["median"]]))
      if (analysis == "time_dependent" && arm != "all") row$follow_up <- ""
      if (endpoint == "survival") {
        fit <- survfit(response(d, d$cause) ~ 1, conf.type = convention); s <- summary(fit, censored = TRUE)
        curves <- rbind(curves, data.frame(analysis, endpoint, arm, cause = "", days = s$time, at_risk = s$n.risk, events = s$n.event,
                                           value = full(s$surv), se = full(s$std.err), lower = full(s$lower), upper = full(s$upper)))
        row[c("median", "lower", "upper")] <- full(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")])
        entry <- ifelse(d$entry <= 0, -1, d$entry)
        for (tick in ticks[ticks * month <= end])
          risk <- rbind(risk, data.frame(analysis, arm, months = tick, at_risk = sum(entry < tick * month & d$days >= tick * month)))
      } else {
        d$state <- factor(c("censored", "event", "death")[d$cause + 1], c("censored", "event", "death")); d$row <- seq_len(nrow(d))
        fit <- if (any(d$entry > 0)) survfit(response(d, d$state) ~ 1, data = d, id = row, conf.type = convention)
               else survfit(Surv(days, state) ~ 1, data = d, conf.type = convention)
        s <- summary(fit, censored = TRUE)
        for (cause in c("event", "death")) {
          of <- function(name) s[[name]][, match(cause, s$states)]
          curves <- rbind(curves, data.frame(analysis, endpoint, arm, cause, days = s$time, at_risk = s$n.risk[, 1], events = of("n.event"),
                                             value = full(of("pstate")), se = full(of("std.err")), lower = full(of("lower")), upper = full(of("upper"))))
        }
      }
      summaries <- rbind(summaries, row)
    }
    if (endpoint == "recurrence") next
    d <- cut_at(set$by_arm, end)
    for (compared in list(c("operated", "rest"), arms)) {
      chi_square <- log_rank(d, compared); df <- length(compared) - 1
      if (!any(d$entry > 0)) stopifnot(isTRUE(all.equal(chi_square, survdiff(Surv(days, cause) ~ arm, data = d[d$arm %in% compared, ])$chisq)))
      tests <- rbind(tests, data.frame(analysis, arms = paste(compared, collapse = "+"), arm = "", value = full(chi_square), lower = "", upper = "",
                                       p = full(pchisq(chi_square, df, lower.tail = FALSE))))
      if (analysis != "time_dependent") next
      here <- transform(d[d$arm %in% compared, ], arm = factor(arm, levels = rev(compared)), entry = ifelse(entry <= 0, -1, entry))
      fit <- summary(coxph(Surv(entry, days, cause) ~ arm, data = here, ties = "efron",
                           control = coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 100)))
      tests <- rbind(tests, data.frame(analysis, arms = paste(compared, collapse = "+"), arm = sub("^arm", "", rownames(fit$conf.int)),
                                       value = full(fit$conf.int[, 1]), lower = full(fit$conf.int[, 3]), upper = full(fit$conf.int[, 4]),
                                       p = full(fit$coefficients[, "Pr(>|z|)"])))
    }
  }
}
save <- function(frame, name) write.csv(frame, paste0("all_analyses_", name, ".csv"), row.names = FALSE, quote = FALSE)
save(curves, "curves"); save(summaries, "arms"); save(risk, "risk"); save(tests, "tests")
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
