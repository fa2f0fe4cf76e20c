# Summaries of Table 1 in R, for tests/warehouse/test_summary_against_r.py.
# Run from this folder: Rscript table_1_summaries.R. Reads summary_cases.csv (one row per value of a case) and writes summaries.csv
# (one row per case and statistic, empty where R has NA). Seventeen significant digits: what a double holds.
data <- read.csv("summary_cases.csv")
full <- function(x) ifelse(is.na(x), "", sprintf("%.17g", x))

made <- NULL
for (case in unique(data$case)) {
  x <- data$value[data$case == case]
  q <- quantile(x, c(0, 0.25, 0.5, 0.75, 1), type = 7, names = FALSE)
  made <- rbind(made, data.frame(
    case = case, statistic = c("min", "q1", "median", "q3", "max", "mean", "sd"), value = full(c(q, mean(x), sd(x)))
  ))
}
write.csv(made, "summaries.csv", row.names = FALSE, quote = FALSE)
