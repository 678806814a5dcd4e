using System.Globalization;
using Consilience.Analyses;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>The sum of how far each person's rows, trained on by themselves from the weights of the round, move them: DP-FedAvg with persons as users (McMahan, Ramage, Talwar and Zhang 2018, <i>Learning differentially private recurrent language models</i>).</summary>
/// <param name="model">What is trained.</param>
/// <param name="weights">Of the round.</param>
/// <param name="settings">How.</param>
/// <param name="most">Rows of a person.</param>
/// <param name="terms">How updates are clipped.</param>
internal sealed class PersonUpdateSums(ModelDeclaration model, RoundWeights weights, LocalSettings settings, int most, ClippedTerms terms) : PersonSums(model, weights, terms)
{
    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("persons", model.Canonical);
        writer.WriteString("weights", weights.Digest);
        writer.WriteString("local", string.Create(CultureInfo.InvariantCulture, $"{settings}"));
        writer.WriteNumber("rows", most);
        terms.Describe(writer);
    });

    private protected override int EachPerson(IRows rows, ModelWeights at, long seed, PersonVector take)
    {
        var (persons, unread) = TrainingRows.ReadPersons(Model, rows, most);
        var middle = persons.Count / 2;
        Parallel.For(0, 2, half =>
        {
            var training = new PersonTraining(Model, settings, most, at);
            for (var i = half == 0 ? 0 : middle; i < (half == 0 ? middle : persons.Count); i++)
            {
                var (update, loss) = training.Run(persons[i]);
                take(half, persons[i].Key, update, loss);
            }
        });
        return unread;
    }
}
