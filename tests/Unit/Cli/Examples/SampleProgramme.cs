using Consilience.Client.Analyse;
using Consilience.Protocol.Agreements;

namespace Consilience.Cli.Tests.Examples;

/// <summary>The sample programme is what its comments and documents say: many questions, fewer runs, within the study's budget.</summary>
public sealed class SampleProgramme
{
    private static readonly string Samples = Path.Combine(AppContext.BaseDirectory, "samples", "wilms");

    [Fact]
    public void It_asks_many_questions_in_fewer_runs_and_within_the_budget()
    {
        var study = StudyReader.Read(File.ReadAllText(Path.Combine(Samples, "study.yaml")), null);
        var questions = QuestionReader.Read(File.ReadAllText(Path.Combine(Samples, "programme.yaml")));
        var programme = Programme.Of(study, questions);
        Assert.Equal(468, questions.Count);
        Assert.Equal(360, programme.Runs.Count);
        Assert.All(programme.Runs.Where(r => r.Questions[0].Method == "kaplan-meier" && r.Charge is null), r => Assert.Equal(["kaplan-meier", "log-rank", "grouped-hazards"], r.Questions.Select(q => q.Method)));
        Assert.InRange(programme.Charge.Amount, 1, study.Noised!.Budget.Amount);
        Assert.Contains("# A programme: 468 questions from ten entries.", File.ReadAllText(Path.Combine(Samples, "programme.yaml")), StringComparison.Ordinal);
    }
}
