# Writes the data and R's figures for competing causes. Needs the packages survival and cmprsk.
# Run from the repository's root: Rscript vectors/competing-risks/compute.R
library(survival)
suppressMessages(library(cmprsk))
write.csv(pbc[, c("time", "status", "sex", "ascites", "edema")], "vectors/competing-risks/pbc.csv", row.names = FALSE, quote = FALSE, na = "")
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

# At each of these days: estimate, standard error, lower, upper.
days <- c(365, 1000, 2000, 3000, 4000)
curves <- function(name, data, type) {
  z <- summary(survfit(Surv(time, factor(status, 0:2)) ~ 1, data, conf.type = type), times = days, extend = TRUE)
  for (cause in 1:2) keep(paste0(name, ".", cause), c(t(cbind(z$pstate[, cause + 1], z$std.err[, cause + 1], z$lower[, cause + 1], z$upper[, cause + 1]))))
}
curves("log", pbc, "log")
curves("log-log", pbc, "log-log")
for (s in c("m", "f")) curves(paste0("log.", s), pbc[pbc$sex == s, ], "log")

# Gray's test of each cause: statistic, degrees of freedom, p.
for (by in c("sex", "edema")) {
  z <- cuminc(pbc$time, pbc$status, pbc[[by]])$Tests
  for (cause in 1:2) keep(paste0("gray.", by, ".", cause), c(z[cause, c("stat", "df")], pchisq(z[cause, "stat"], z[cause, "df"], lower.tail = FALSE)))
}
write.csv(figures, "vectors/competing-risks/figures.csv", row.names = FALSE, quote = FALSE)
