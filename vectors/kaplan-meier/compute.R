# Writes the figures of survival::survfit that the Kaplan–Meier method is tested against: every distinct day of the National Wilms Tumor Study, overall and
# by histology. Run from the repository's root: Rscript vectors/kaplan-meier/compute.R
library(survival)
data <- read.csv("samples/wilms/nwtco.csv")
write <- function(fit, file) {
  strata <- if (is.null(fit$strata)) rep("all", length(fit$time)) else rep(sub("histol=", "", names(fit$strata)), fit$strata)
  figures <- data.frame(group = strata, time = fit$time, at_risk = fit$n.risk, events = fit$n.event, censored = fit$n.censor,
                        survival = sprintf("%.15g", fit$surv), std_error = sprintf("%.15g", fit$std.err * fit$surv),
                        lower = sprintf("%.15g", fit$lower), upper = sprintf("%.15g", fit$upper))
  write.csv(figures, file, row.names = FALSE, quote = FALSE)
}
write(survfit(Surv(edrel, rel) ~ 1, data, conf.type = "log-log"), "vectors/kaplan-meier/nwtco-overall.csv")
write(survfit(Surv(edrel, rel) ~ histol, data, conf.type = "log-log"), "vectors/kaplan-meier/nwtco-histology.csv")
