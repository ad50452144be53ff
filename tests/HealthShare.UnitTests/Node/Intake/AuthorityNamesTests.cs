using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake;
using HealthShare.Node.Intake.Classification;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>One authority under several names.</summary>
public sealed class AuthorityNamesTests
{
    private static readonly string[] Written = ["NORTH", "NORTH&1.2.3.4&ISO", "north", "&1.2.3.4&ISO", "HIS&1.2.3.4&iso"];

    [Fact]
    public async Task A_number_with_and_without_the_OID_is_one_person_where_that_is_set()
    {
        await using var scene = await IntakeScene.StartAsync();
        Set(scene.Options);
        await scene.RestartAsync();
        Assert.Single((await PatientsAsync(scene)).Distinct());
    }

    [Fact]
    public async Task They_are_others_unless_it_is_set()
    {
        await using var scene = await IntakeScene.StartAsync();
        Assert.Equal(3, (await PatientsAsync(scene)).Distinct().Count());
    }

    [Fact]
    public async Task A_repetition_stays_one_whatever_is_set()
    {
        await using var scene = await IntakeScene.StartAsync();
        var first = await scene.ReceiveAsync(Message("1", "NORTH", "NORTH^1.2.3.4^ISO"));
        Set(scene.Options);
        await scene.RestartAsync();
        var again = await scene.ReceiveAsync(Message("1", "NORTH", "NORTH^1.2.3.4^ISO"));
        Assert.Equal((first.Id, true), (again.Id, again.Duplicate));
    }

    [Fact]
    public void Orders_and_visits_are_of_the_same_authority()
    {
        var options = new IntakeOptions();
        Set(options);
        var classifier = new Classifier(LabelRules.Load(null), TimeZoneInfo.Utc, new AuthorityNames(options.Authorities));
        var meanings = new[] { ("F1^NORTH", "V1^^^NORTH"), ("F1^NORTH^1.2.3.4^ISO", "V1^^^NORTH&1.2.3.4&ISO"), ("F1", "V1") }.Select(number => classifier.Classify(Er7Message.Parse(Encoding.UTF8.GetBytes(
            $"MSH|^~\\&|LAB|NORTH^1.2.3.4^ISO|||20260301||ORU^R01|1|P|2.5\rPID|1||4711^^^NORTH^MR\rPV1|1|I|||||||||||||||||{number.Item2}\rOBR|1||{number.Item1}|GLU\rOBX|1|NM|2345-7||1\r")),
            DateTimeOffset.UnixEpoch)).ToList();
        Assert.Single(meanings.Select(meaning => meaning.Encounter).Distinct());
        Assert.Equal("NORTH|V1", meanings[0].Encounter);
        Assert.Single(meanings.Select(meaning => string.Join(' ', meaning.Lineage!.Items.Select(item => item.Series))).Distinct());
    }

    [Theory]
    [InlineData("NORTH", "1.2.3.4", null)]
    [InlineData("NORTH", "", "Authorities:0 has an empty name")]
    [InlineData("", "1.2.3.4", "Authorities:0 has an empty name")]
    [InlineData("NORTH", "NORTH", "'NORTH' stands there twice")]
    [InlineData("NORTH", null, "Authorities:0:Aliases is empty")]
    public void Names_that_contradict_each_other_are_refused(string name, string? alias, string? fault)
    {
        var options = new IntakeOptions { Authorities = { new AuthorityOptions { Name = name } } };
        if (alias is not null)
            options.Authorities[0].Aliases.Add(alias);
        var said = new AuthoritiesValidator().Validate(null, options);
        Assert.Equal(fault is null, said.Succeeded);
        if (fault is not null)
            Assert.Contains(fault, said.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_universal_id_that_is_not_named_is_nobody_elses_name()
    {
        var options = new IntakeOptions();
        Set(options);
        Assert.Equal("ISO:9.9", new AuthorityNames(options.Authorities).KeyOf(new AssigningAuthority("NORTH", "9.9", "ISO")));
    }

    private static void Set(IntakeOptions options) => options.Authorities.Add(new AuthorityOptions { Name = "NORTH", Aliases = { "1.2.3.4", "north" } });

    private static async Task<List<string?>> PatientsAsync(IntakeScene scene)
    {
        var patients = new List<string?>();
        foreach (var (authority, i) in Written.Select((authority, i) => (authority, i)))
        {
            var id = (await scene.ReceiveAsync(Message($"{i}", authority, "LAB"))).Id;
            await scene.DrainAsync();
            patients.Add((await scene.FindAsync(id)).PatientId);
        }
        return patients;
    }

    private static byte[] Message(string controlId, string authority, string facility) => Encoding.UTF8.GetBytes(
        $"MSH|^~\\&|LAB|{facility}|||20260301||ORU^R01|{controlId}|P|2.5\rPID|1||4711^^^{authority}^MR\rOBR|1||F{controlId}|GLU\rOBX|1|NM|2345-7||1\r");
}
