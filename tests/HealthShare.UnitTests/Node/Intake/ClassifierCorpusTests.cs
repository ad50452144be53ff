using System.Text.Json;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Classification;
using HealthShare.Node.Intake.Receiving;
using HealthShare.Node.Patients;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The shared messages through the node's own classifier: each scored one gives the manifest's facts and a meaning.</summary>
public sealed class ClassifierCorpusTests
{
    private static readonly LabelRules Rules = LabelRules.Load(null);
    private static readonly Classifier Shipped = new(Rules, TimeZoneInfo.Utc);

    [SharedDataFact("data/hl7/manifest.json")]
    public void Every_scored_message_has_a_meaning_that_fits_the_facts()
    {
        var (scored, patients) = (0, 0);
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("data/hl7/manifest.json")));
        foreach (var item in manifest.RootElement.GetProperty("items").EnumerateArray().Where(item => item.TryGetProperty("facts", out _)))
        {
            var file = item.GetProperty("file").GetString()!;
            var messages = MessagesOf(SharedData.PathOf($"data/hl7/{file}")).ToList();
            foreach (var (facts, bytes) in item.GetProperty("facts").EnumerateArray().Zip(messages))
            {
                if (!facts.TryGetProperty("scored", out var isScored) || !isScored.GetBoolean())
                    continue;
                scored++;
                var message = Er7Message.Parse(bytes);
                var meaning = Shipped.Classify(message, DateTimeOffset.UnixEpoch);
                var type = facts.GetProperty("msh9").GetString()!.Split('^');
                var expected = Rules.Categories.MessageTypes.GetValueOrDefault(type[0], Rules.Categories.Default);
                // Sections and codes of results say more than the type does.
                Assert.True(meaning.Categories.Contains(expected) || facts.GetProperty("segments").TryGetProperty("OBR", out _)
                    || facts.GetProperty("segments").TryGetProperty("OBX", out _), $"{file}: {string.Join(',', meaning.Categories)} instead of {expected}");
                Assert.All(meaning.Categories, category => Assert.Contains(category, Rules.Categories.All));
                Assert.Equal(facts.GetProperty("segments").TryGetProperty("CON", out _), meaning.Categories.Contains("consent"));
                Assert.Contains(meaning.Confidentiality, (string[])["N", "R", "V"]);
                Assert.True(meaning.Labels.Count == 0 || meaning.Confidentiality != "N", file);
                var numbers = IntakeRules.Identifiers(message);
                if (facts.GetProperty("pid3_1").GetString() is { Length: > 0 } first && first != "\"\"" && !first.Contains('\\', StringComparison.Ordinal))
                {
                    patients++;
                    Assert.Contains(first.Trim(), PatientIdentifier.ReadAll(message).Select(number => number.Id));
                    // Accounts, and numbers of which nobody says who assigned them, name no patient.
                    Assert.True(numbers.Count > 0 || PatientIdentifier.ReadAll(message).All(number => !NumberSeries.NamesPerson(number.Type) || number.Authority.IsEmpty), file);
                }
            }
        }
        Assert.True(scored > 60 && patients > 40, $"Only {scored} messages were scored, {patients} of them about a patient.");
    }

    [SharedDataFact("data/hl7/manifest.json")]
    public void Every_message_that_parses_has_a_meaning_or_a_reason()
    {
        var (meant, refused) = (0, 0);
        foreach (var file in Directory.EnumerateFiles(SharedData.PathOf("data/hl7"), "*.hl7", SearchOption.AllDirectories))
        {
            foreach (var bytes in MessagesOf(file))
            {
                if (!Er7Message.TryParse(bytes, null, out var message, out var error))
                {
                    Assert.NotNull(error);
                    refused++;
                    continue;
                }
                var meaning = Shipped.Classify(message!, DateTimeOffset.UnixEpoch);
                Assert.NotEmpty(meaning.Categories);
                meant++;
            }
        }
        Assert.True(meant > 1000, $"{meant} messages have a meaning, {refused} were refused.");
    }

    private static IEnumerable<ReadOnlyMemory<byte>> MessagesOf(string file) =>
        Er7File.Split(File.ReadAllBytes(file)).Where(piece => piece.Kind is Er7PieceKind.Message).Select(piece => piece.Bytes);
}
