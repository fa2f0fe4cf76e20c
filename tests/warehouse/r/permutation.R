# Numbers of R's package survival for tests/warehouse/test_permutation_against_r.py.
# Run from this folder: Rscript permutation.R. Writes permutation_tests.csv (one row per case): the chi-square of survdiff, and the
# mid-p of that chi-square over every deal of the women to arms of their sizes. Seventeen significant digits: what a double holds.
library(survival)

data <- read.csv("permutation_cases.csv")
full <- function(x) sprintf("%.17g", x)

# A deal in which the arms cannot be compared (nobody of one is at risk at any event) says nothing: 0.
chi_square <- function(d, dealt) {
  kept <- dealt %in% dealt[d$days >= min(d$days[d$is_event == 1])]
  if (length(unique(dealt[kept])) < 2) return(0)
  d <- data.frame(days = d$days, is_event = d$is_event, dealt = dealt)[kept, ]
  survdiff(Surv(days, is_event) ~ dealt, data = d)$chisq
}

# Every way to give the places of `free` to arms of these sizes: one row per deal, an arm per place.
deals <- function(sizes, free) {
  if (length(sizes) == 1) return(matrix(names(sizes), 1, length(free), dimnames = list(NULL, free)))
  do.call(rbind, lapply(combn(free, sizes[[1]], simplify = FALSE), function(taken) {
    rest <- deals(sizes[-1], setdiff(free, taken))
    mine <- matrix(names(sizes)[1], nrow(rest), length(taken), dimnames = list(NULL, taken))
    cbind(mine, rest)[, as.character(free), drop = FALSE]
  }))
}

tests <- NULL
for (case in unique(data$case)) {
  d <- data[data$case == case, ]
  observed <- chi_square(d, d$arm)
  all <- deals(table(d$arm), seq_len(nrow(d)))
  found <- apply(all, 1, function(dealt) chi_square(d, dealt))
  same <- abs(found - observed) < 1e-9
  p <- (sum(found > observed & !same) + sum(same) / 2) / length(found)
  tests <- rbind(tests, data.frame(case = case, deals = length(found), chi_square = full(observed), p = full(p)))
}
write.csv(tests, "permutation_tests.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "survival", as.character(packageVersion("survival")), "\n")
