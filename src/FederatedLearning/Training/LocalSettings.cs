using Consilience.Analyses;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Training;

/// <summary>How a site trains between two rounds.</summary>
/// <param name="Epochs">Times that it goes through its rows; 0 where <paramref name="Steps"/> says how many batches instead.</param>
/// <param name="Steps">Batches; 0 where <paramref name="Epochs"/> says.</param>
/// <param name="Batch">Rows of a step.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Proximal">μ of FedProx: adds ½μ‖w − w₀‖² to the loss.</param>
/// <param name="Seed">Of the order of rows.</param>
internal sealed record LocalSettings(int Epochs, int Steps, int Batch, float Rate, float Proximal, long Seed)
{
    internal static LocalSettings? Read(ParameterReader reader)
    {
        var epochs = reader.Whole("epochs", 1, 10_000);
        var steps = reader.Whole("steps", 1, 10_000_000);
        if (epochs is null == steps is null)
            reader.Add("epochs", "either epochs or steps", epochs is null ? "neither" : "both", "write one of them");
        var batch = reader.Whole("batch", 1, 1 << 16, isRequired: true);
        var rate = reader.Number("rate", "a learning rate above 0", required: true);
        var proximal = reader.Number("proximal", "a number from 0", required: false) ?? 0;
        var seed = reader.Whole("seed", 0, int.MaxValue) ?? 0;
        if (rate <= 0 || proximal < 0)
            reader.Add(rate <= 0 ? "rate" : "proximal", "a number above 0", $"{(rate <= 0 ? rate : proximal)}", "write a number such as 0.01");
        reader.Finish();
        return batch is null || rate is null ? null : new(epochs ?? 0, steps ?? 0, batch.Value, (float)rate.Value, (float)proximal, seed);
    }
}
