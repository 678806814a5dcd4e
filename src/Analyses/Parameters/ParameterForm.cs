namespace Consilience.Analyses.Parameters;

/// <summary>How a parameter is written in words, as a shorthand's option.</summary>
public enum ParameterForm
{
    Unspecified = 0,

    /// <summary>One word: a variable, a code, a choice.</summary>
    Word,

    /// <summary>A decimal number.</summary>
    Number,

    /// <summary>A model formula, the shorthand's argument.</summary>
    Formula,

    /// <summary>A variable, or <c>variable:edge,edge</c>.</summary>
    Axis,

    /// <summary>Some of <see cref="Axis"/>.</summary>
    Axes,

    /// <summary>Words with spaces or commas between.</summary>
    Words,

    /// <summary><c>from:to:step</c>, or numbers with commas between.</summary>
    Grid,

    /// <summary><c>variable=code</c>, one or several.</summary>
    Codes,

    /// <summary>A value as a request file writes it in one line.</summary>
    Value,
}
