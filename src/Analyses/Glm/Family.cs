namespace Consilience.Analyses.Glm;

/// <summary>Distribution of the outcome, each with its canonical link, but for the negative binomial one.</summary>
internal enum Family
{
    Unspecified = 0,

    /// <summary>False or true, logit link.</summary>
    Binomial,

    /// <summary>A count, or false and true as 0 and 1, log link.</summary>
    Poisson,

    /// <summary>A number, identity link.</summary>
    Gaussian,

    /// <summary>A count with variance μ + μ²/θ, log link.</summary>
    NegativeBinomial,
}
