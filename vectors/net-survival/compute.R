# Writes data and figures for relative and net survival. Needs the packages survival and relsurv.
# Run from the repository's root: Rscript vectors/net-survival/compute.R
library(survival)
suppressMessages(library(relsurv))
folder <- "vectors/net-survival/"
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

women <- data.frame(row = seq_len(nrow(rotterdam)), age_days = sprintf("%.3f", 365.241 * rotterdam$age), diag = paste0(rotterdam$year, "-07-01"), time = rotterdam$dtime, stat = rotterdam$death)
write.csv(women, paste0(folder, "rotterdam.csv"), row.names = FALSE, quote = FALSE)
years <- 1975:2014
us <- expand.grid(age = 0:109, year = years)
us <- data.frame(age_from_days = sprintf("%.3f", 365.241 * us$age), from = paste0(us$year, "-01-01"), hazard_per_day = sprintf("%.17g", survexp.us[cbind(us$age + 1, 2, match(us$year, dimnames(survexp.us)[[3]]))]))
write.csv(us, paste0(folder, "usfemale.csv"), row.names = FALSE, quote = FALSE)

# A matrix of hazards by age and day for each part of the population.
table_of <- function(q) { a <- sort(unique(q$age_from_days)); y <- sort(unique(as.Date(q$from))); list(a = a, y = as.numeric(y), H = matrix(q$hazard_per_day[order(as.Date(q$from), q$age_from_days)], length(a))) }

# The sums of each day: follow-up day t covers (t-1, t]; hazards of its start; only days from `from` to `to`.
columns <- function(x, tables, M, from = as.Date("1900-01-01"), to = as.Date("2100-01-01")) {
  L <- numeric(nrow(x)); yd <- as.numeric(as.Date(x$diag)); R <- matrix(0, M, 8)
  for (t in 1:M) {
    h <- numeric(nrow(x))
    for (s in seq_along(tables)) { i <- which(x$part == s); l <- tables[[s]]; h[i] <- l$H[cbind(findInterval(x$age_days[i] + t - 1, l$a), findInterval(yd[i] + t - 1, l$y))] }
    r <- x$time >= t & yd + t - 1 >= as.numeric(from) & yd + t - 1 <= as.numeric(to); e <- r & x$time == t & x$stat == 1
    L1 <- L + h; m <- exp(L + h / 2)
    R[t, ] <- c(sum(r), sum(e), sum(h[r]), sum(exp(L1[r])), sum(m[r]), sum((m * h)[r]), sum(exp(L1[e])), sum(exp(2 * L1[e])))
    L <- L1
  }
  R
}
# Ederer II, its error on the log scale, Pohar Perme, its error.
daily <- function(R, t) cbind(cumprod(1 - (R[, 2] - R[, 3]) / R[, 1])[t], sqrt(cumsum(R[, 2] / R[, 1]^2))[t], cumprod(1 - (R[, 7] / R[, 4] - R[, 6] / R[, 5]))[t], sqrt(cumsum(R[, 8] / R[, 4]^2))[t])
# The same on intervals of many days, the hazard of each day in one taken to be the same.
grouped <- function(R, edges) {
  k <- diff(c(0, edges)); g <- findInterval(seq_len(nrow(R)), edges, left.open = TRUE) + 1; S <- apply(R, 2, function(v) tapply(v, g, sum)[seq_along(edges)])
  cbind(cumprod((1 - (S[, 2] - S[, 3]) / S[, 1])^k), sqrt(cumsum(k^2 * S[, 2] / S[, 1]^2)), cumprod((1 - (S[, 7] / S[, 4] - S[, 6] / S[, 5]))^k), sqrt(cumsum(k^2 * S[, 8] / S[, 4]^2)))
}
write_all <- function(name, X) { keep(paste0("ederer-2.", name), c(t(X[, 1:2]))); keep(paste0("pohar-perme.", name), c(t(X[, 3:4]))) }

cr <- read.csv(paste0(folder, "colrec.csv")); cr$part <- cr$sex
slo <- lapply(split(read.csv(paste0(folder, "slopop.csv")), read.csv(paste0(folder, "slopop.csv"))$sex), table_of)
days <- c(365, 1095, 1825, 3650)
R <- columns(cr, slo, 3650)
write_all("all", daily(R, days))
write_all("intervals", grouped(R, days))
for (s in c("1", "2", "3", "99")) write_all(paste0("stage", s), daily(columns(cr[cr$stage == s, ], slo, 1825), c(365, 1825)))
write_all("period", daily(columns(cr, slo, 1825, as.Date("1998-01-01"), as.Date("2000-12-31")), c(365, 1095, 1825)))

# relsurv's own, on its grid of distinct times filled up to days.
e <- new.env(); data(colrec, package = "relsurv", envir = e); data(slopop, package = "relsurv", envir = e)
z <- rs.surv(Surv(time, stat) ~ 1, data = e$colrec, ratetable = e$slopop, rmap = list(age = age, sex = sex, year = diag), method = "pohar-perme", add.times = 1:3650)
i <- findInterval(days, z$time); keep("relsurv", c(rbind(z$surv[i], z$std.err[i])))

# The cumulative hazards behind exp(-H), which the published check of the method prints.
women$part <- 1; women$age_days <- as.numeric(women$age_days); us$age_from_days <- as.numeric(us$age_from_days); us$hazard_per_day <- as.numeric(us$hazard_per_day)
W <- columns(women, list(table_of(us)), 3650)
keep("ederer-2.rotterdam", c(rbind(exp(-cumsum((W[, 2] - W[, 3]) / W[, 1]))[days], sqrt(cumsum(W[, 2] / W[, 1]^2))[days])))
keep("pohar-perme.rotterdam", c(rbind(exp(-cumsum(W[, 7] / W[, 4] - W[, 6] / W[, 5]))[days], sqrt(cumsum(W[, 8] / W[, 4]^2))[days])))
write.csv(figures, paste0(folder, "figures.csv"), row.names = FALSE, quote = FALSE)
