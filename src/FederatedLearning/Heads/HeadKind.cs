namespace Consilience.FederatedLearning.Heads;

/// <summary>What a model predicts, and with it the loss it is trained by.</summary>
public enum HeadKind
{
    Unspecified = 0,

    /// <summary>A number; half the squared error, of outcomes scaled into −1 to 1 by the schema's bounds.</summary>
    Linear,

    /// <summary>The log odds of an event; cross-entropy.</summary>
    Logistic,

    /// <summary>A score for each code of a category; cross-entropy.</summary>
    Softmax,

    /// <summary>A log hazard ratio; Breslow's partial likelihood within the batch, so within the site.</summary>
    Cox,

    /// <summary>The log odds of an event in each interval of time, among those who reached it; cross-entropy over intervals survived.</summary>
    DiscreteSurvival,
}
