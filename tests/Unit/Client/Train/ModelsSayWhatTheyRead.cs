using Consilience.Client.Train;
using Consilience.Protocol.Agreements;

namespace Consilience.Client.Tests.Train;

/// <summary>A released declaration means the same model, whatever its variables are called and in whatever order a schema has them.</summary>
public sealed class ModelsSayWhatTheyRead
{
    private const string Variables = "{age: {type: integer, minimum: 0, maximum: 100}, x9: {type: real, minimum: 0, maximum: 1}, x10: {type: real, minimum: 0, maximum: 1}, x1: {type: real, minimum: 0, maximum: 1}, "
        + "dose: {type: real, minimum: 0, maximum: 9, count: 12}, ill: {type: boolean}, seen: {type: date}}";

    [Theory]
    [InlineData("[{from: x9, to: x1}]", "x9,x10,x1")]
    [InlineData("[{from: dose1, to: dose12}, age]", "dose1,dose2,dose3,dose4,dose5,dose6,dose7,dose8,dose9,dose10,dose11,dose12,age")]
    [InlineData("[dose3, x10]", "dose3,x10")]
    public void What_is_read_back_is_what_was_trained(string inputs, string expected)
    {
        var study = StudyReader.Read($$"""
            study: doses
            title: Doses
            purpose: {code: "DUO:0000007", text: Doses.}
            researchers: [{name: ada, organisation: aster}]
            sites: [aster, birch]
            keyHolders: [aster]
            minimumSites: 2
            schema:
              variables: {{Variables}}
            methods: [training-round]
            precision:
              exact: {minimumSites: 2, minimumPersons: 2}
            expires: 2030-12-31
            """, null);
        var plan = TrainingPlanReader.Read($$"""
            training: doses
            study: doses
            model: {inputs: {{inputs}}, head: logistic, outcome: ill}
            strategy: {name: fedavg}
            rounds: 1
            clip: 1
            precision: exact
            """);
        var read = ModelFile.Read(ModelFile.Write(TrainingCourse.Of(plan, study), study));
        Assert.Equal(expected, string.Join(',', read.Model.InputVariables));
        Assert.All(read.Model.Variables, v => Assert.Equal($"{study.Schema.Find(v)}", $"{read.Schema.Find(v)}"));
        Assert.Null(read.Schema.Find("seen"));
    }
}
