# Writes data and R's figures for the survival family. Needs the package survival, and the data of samples/wilms and vectors/net-survival.
# Run from the repository's root: Rscript vectors/survival/compute.R
library(survival)
folder <- "vectors/survival/"
write.csv(with(lung, data.frame(row = seq_along(time), time, dead = as.integer(status == 2), age, sex, ecog = ph.ecog)), paste0(folder, "lung.csv"), row.names = FALSE, quote = FALSE, na = "")
write.csv(with(veteran, data.frame(row = seq_along(time), trt, celltype, time, status, karno, age, diagtime, prior)), paste0(folder, "veteran.csv"), row.names = FALSE, quote = FALSE)
site <- function(i, k) (i - 1L) %% k + 1L
lung <- read.csv(paste0(folder, "lung.csv")); lung$site <- site(lung$row, 3)
veteran <- read.csv(paste0(folder, "veteran.csv")); veteran$site <- site(veteran$row, 3); veteran$celltype <- factor(veteran$celltype, c("squamous", "adeno", "large", "smallcell"))
wilms <- read.csv("samples/wilms/nwtco.csv"); wilms$site <- site(seq_len(nrow(wilms)), 5)
colrec <- read.csv("vectors/net-survival/colrec.csv"); colrec$stage <- factor(colrec$stage, c(1, 2, 3, 99)); colrec$age10 <- colrec$age_days / 3652.5
figures <- data.frame(figure = character(), value = character())
keep <- function(name, values) for (i in seq_along(values)) figures[nrow(figures) + 1, ] <<- c(paste0(name, ".", i), sprintf("%.15g", values[i]))

sets <- list(wilms = list(wilms, "edrel", "rel", c(180, 365, 730, 1095, 1825, 3650)), veteran = list(veteran, "time", "status", c(30, 90, 180, 365, 600)), lung = list(lung, "time", "dead", c(90, 180, 365, 545, 730, 1000)), colrec = list(colrec, "time", "stat", c(365, 1095, 1825, 3650)))
by <- list(wilms = c("histol", "stage"), veteran = c("trt", "celltype"), lung = "sex", colrec = "stage")
horizons <- c(wilms = 1825, veteran = 365, lung = 730)
for (set in names(sets)) {
  d <- sets[[set]][[1]]; y <- Surv(d[[sets[[set]][[2]]]], d[[sets[[set]][[3]]]]); times <- sets[[set]][[4]]
  for (type in c("log-log", "log", "plain")) for (g in c("all", by[[set]])) {
    # At each time persons at risk, survival, its error, its limits; the quartiles with theirs; level after level.
    z <- if (g == "all") survfit(y ~ 1, conf.type = type) else survfit(y ~ d[[g]], conf.type = type)
    o <- summary(z, times = times, extend = TRUE); q <- quantile(z, c(.25, .5, .75))
    keep(paste("km", set, g, type, sep = "."), c(rbind(o$n.risk, o$surv, o$std.err, o$lower, o$upper)))
    keep(paste("quartiles", set, g, type, sep = "."), c(aperm(array(c(t(q$quantile), t(q$lower), t(q$upper)), c(3, length(q$quantile) / 3, 3)), c(3, 1, 2))))
  }
  for (ctype in 1:2) { z <- survfit(y ~ 1, stype = 2, ctype = ctype); i <- findInterval(times, z$time); keep(paste("hazard", set, ctype, sep = "."), c(rbind(z$cumhaz[i], z$std.chaz[i]))) }
  for (g in by[[set]]) {
    if (set %in% names(horizons)) { m <- summary(survfit(y ~ d[[g]]), rmean = horizons[[set]])$table; keep(paste("rmean", set, g, sep = "."), c(t(m[, c("rmean", "se(rmean)")]))) }
    for (rho in c(0, 1)) { z <- survdiff(y ~ d[[g]], rho = rho); keep(paste("logrank", set, g, rho, sep = "."), c(z$chisq, z$obs, z$exp)) }
    if (!is.null(d$site)) for (rho in c(0, 1)) { z <- survdiff(y ~ d[[g]] + strata(d$site), rho = rho); keep(paste("logrank.sites", set, g, rho, sep = "."), c(z$chisq, rowSums(z$obs), rowSums(z$exp))) }
  }
}
z <- survdiff(Surv(time, status) ~ trt + strata(celltype), veteran); keep("logrank.strata.veteran", c(z$chisq, rowSums(z$obs), rowSums(z$exp)))
z <- survdiff(Surv(time, status) ~ trt + strata(celltype, site), veteran); keep("logrank.both.veteran", c(z$chisq, rowSums(z$obs), rowSums(z$exp)))

# Coefficients, errors, log-likelihoods at 0 and at the fit, Wald's test, the score test; then chi-square of each test of proportional hazards, term by term and global.
fit <- function(name, f, d, transforms = c()) for (ties in c("efron", "breslow")) {
  z <- coxph(f, d, ties = ties, control = coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 50), model = TRUE)
  keep(paste(name, ties, sep = "."), c(coef(z), sqrt(diag(vcov(z))), z$loglik, z$wald.test, z$score))
  for (t in transforms) keep(paste(name, ties, t, sep = "."), cox.zph(z, t)$table[, "chisq"])
}
all <- c("km", "rank", "identity", "log")
fit("wilms.trend", Surv(edrel, rel) ~ histol + stage + age, wilms, all)
fit("wilms.factors", Surv(edrel, rel) ~ factor(histol) + factor(stage) + age, wilms, all)
fit("veteran.all", Surv(time, status) ~ trt + karno + age + diagtime + prior, veteran, all)
fit("veteran.cells", Surv(time, status) ~ trt + karno + celltype, veteran, all)
fit("lung", Surv(time, dead) ~ age + sex + ecog, lung, all)
fit("colrec", Surv(time, stat) ~ age_days + factor(sex) + stage + site, colrec)
fit("sites.wilms", Surv(edrel, rel) ~ histol + stage + age + strata(site), wilms, c("identity", "log"))
fit("sites.lung", Surv(time, dead) ~ age + sex + ecog + strata(site), lung, c("identity", "log"))
# The baseline cumulative hazard at covariates 0.
days <- c(180, 365, 730, 1095, 1825, 3650)
for (ties in c("efron", "breslow")) {
  z <- coxph(Surv(edrel, rel) ~ histol + stage + age, wilms, ties = ties, control = coxph.control(eps = 1e-12, toler.chol = 1e-13))
  b <- basehaz(z, centered = FALSE); keep(paste("baseline.wilms", ties, sep = "."), b$hazard[findInterval(days, b$time)])
}
for (g in c(7, 30.4375, 91.3125)) { d <- wilms; d$edrel <- ceiling(d$edrel / g) * g; fit(paste0("grid", g), Surv(edrel, rel) ~ histol + stage + age, d) }
write.csv(figures, paste0(folder, "figures.csv"), row.names = FALSE, quote = FALSE)
