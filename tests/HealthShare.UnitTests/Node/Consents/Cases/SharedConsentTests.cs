using System.Collections.Immutable;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Node.Consents.Cases;
using HealthShare.Node.Consents.Fhir;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Node.Consents.Fhir;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Consents.Cases;

/// <summary>The consents of IHE PCF and HL7 that lie beside the repository.</summary>
public sealed class SharedConsentTests
{
    private const string Folder = "data/consent";
    private const string Manifest = Folder + "/manifest.json";

    [SharedDataFact(Manifest)]
    public async Task All_PCF_cases_agree()
    {
        var (exit, output, errors) = await ConsentDecideCommandTests.RunAsync("--cases", SharedData.PathOf(Manifest));
        Assert.True(exit == 0, string.Join('\n', output.Where(line => line.Split('\t') is var cells && cells[1] != cells[2])) + errors);
        Assert.True(output.Length >= 35, $"{output.Length} cases");
    }

    [SharedDataFact(Manifest)]
    public async Task By_the_channels_rules_exactly_the_documented_cases_differ()
    {
        var (exit, output, _) = await ConsentDecideCommandTests.RunAsync("--cases", SharedData.PathOf(Manifest), "--profile", "channel", "--json");
        using var report = JsonDocument.Parse(Assert.Single(output));
        var differing = report.RootElement.GetProperty("results").EnumerateArray().Where(result => !result.GetProperty("agrees").GetBoolean())
            .Select(result => result.GetProperty("id").GetString()!).ToArray();
        var documented = await File.ReadAllTextAsync(Path.Combine(SharedData.RepositoryRoot, "docs", "consent.md"));
        Assert.Equal(1, exit);
        Assert.Equal(["pcf-003", "pcf-040", "pcf-041", "pcf-042", "pcf-043"], differing);
        Assert.All(differing, id => Assert.Contains($"`{id}`", documented, StringComparison.Ordinal));
    }

    [SharedDataFact(Folder + "/ihe-pcf")]
    public void Each_PCF_consent_comes_back_from_its_statements_with_the_same_decisions()
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.PathOf(Folder + "/ihe-pcf/consents"), "*.json"))
        {
            foreach (var profile in Enum.GetValues<ConsentProfile>())
            {
                if (profile is ConsentProfile.Channel && file.EndsWith("intermediate-purpose.json", StringComparison.Ordinal))
                    continue; // its purpose is unknown there, so there is no statement to come back from
                var names = new CaseNames(profile, static _ => []);
                var grants = FhirConsentMapper.Map(FhirConsentReader.Read(File.ReadAllBytes(file)), names, DateTimeOffset.MinValue);
                var header = new StatementHeader("st-a", "pt-a", FhirConsents.Signed);
                ImmutableArray<GrantBody> back = [.. grants.SelectMany(grant => GrantToFhir.Write(grant, header, FhirVersion.R4, names).Map(names))];
                Check.One(Config.QuickThrowOnFailure.WithMaxTest(100), Prop.ForAll(Facts().ToArbitrary(), facts =>
                    Decide(grants, facts) == Decide(back, facts)));
                Assert.Contains(Facts().Sample(1000, 10).Select(facts => Decide(grants, facts)).Distinct(), decision => decision.Reason is not DecisionReason.DefaultDeny);
            }
        }
    }

    [SharedDataFact(Folder + "/ihe-pcf")]
    public void A_permit_of_PCF_is_written_as_PCF_writes_it()
    {
        var names = new CaseNames(ConsentProfile.Pcf, static _ => []);
        var file = SharedData.PathOf(Folder + "/ihe-pcf/consents/ex-consent-advanced-normal-focused-psy.json");
        var grant = Assert.Single(FhirConsentMapper.Map(FhirConsentReader.Read(File.ReadAllBytes(file)), names, FhirConsents.Signed));
        var json = GrantToFhir.Write(grant, new StatementHeader("st-a", "pt-a", FhirConsents.Signed), FhirVersion.R4, names);
        Assert.False(json.ContainsKey("modifierExtension"));
        Assert.Equal(("permit", "N", "PSY", "Practitioner/ex-practitioner"), ((string?)json["provision"]!["type"], (string?)json["provision"]!["securityLabel"]![0]!["code"],
            (string?)json["provision"]!["provision"]![0]!["securityLabel"]![0]!["code"], (string?)json["provision"]!["provision"]![0]!["actor"]![0]!["reference"]!["reference"]));
    }

    [SharedDataFact(Folder + "/hl7-r4-examples")]
    public void The_examples_of_HL7_are_refused_where_they_do_not_say_whether_they_permit()
    {
        var paths = Directory.EnumerateFiles(SharedData.PathOf(Folder + "/hl7-r4-examples"), "*.json").ToDictionary(
            file => Path.GetFileNameWithoutExtension(file).Split('-')[^1],
            file => Assert.Throws<FhirRefusedException>(() => FhirConsentReader.Read(File.ReadAllBytes(file))).Path);
        Assert.Equal("Consent.category[0].coding[0]", paths["Emergency"]);
        Assert.Equal("Consent.provision.action[1]", paths["notThem"]);
        foreach (var name in new[] { "basic", "notAuthor", "notTime" })
            Assert.Equal("Consent.provision.type", paths[name]);
        Assert.Equal("Consent.provision.provision[0].actor[0].role", paths["signature"]);
    }

    [SharedDataFact(Folder + "/asushares")]
    public void Files_that_are_no_consents_are_refused()
    {
        foreach (var file in Directory.EnumerateFiles(SharedData.PathOf(Folder + "/asushares"), "*.json"))
            Assert.StartsWith("Consent", Assert.Throws<FhirRefusedException>(() => FhirConsentReader.Read(File.ReadAllBytes(file))).Path, StringComparison.Ordinal);
    }

    private static Decision Decide(ImmutableArray<GrantBody> grants, (RecordFacts Record, RequestFacts Request) facts) =>
        DecisionKernel.Decide(facts.Record, facts.Request, grants.Select((grant, i) => new StatementInForce($"st-{i}", grant)).ToArray());

    // Everything that the PCF examples speak of, in small vocabularies, so that facts and consents meet often.
    private static Gen<(RecordFacts, RequestFacts)> Facts() =>
        from record in Gen.Elements("Observation/ex-bloodSugar", "Observation/ex-weight", "Observation/x")
        from labels in Gen.SubListOf(Sensitivity)
        from confidentiality in Gen.Elements("N", "N", "R", "")
        from author in Gen.Elements("Practitioner/ex-practitioner", "Practitioner/ex-author")
        from encounter in Gen.Elements("Encounter/ex-encounter", "Encounter/x")
        from day in Gen.Choose(0, 1500)
        from actor in Gen.Elements("Practitioner/ex-practitioner", "Practitioner/ex-clerk", "Organization/ex-org-researcher")
        from purpose in Gen.Elements("TREAT", "HPAYMT", "HRESCH", CaseNames.PurposeOf("http://example.org/policies/purposeOfUse", "FooBar"))
        from asked in Gen.Elements(2022, 2022, 2022, 2023)
        select (new RecordFacts(CaseNames.RecordOf(record), "none", [], [.. labels.Take(1)], CaseNames.AuthorOf(author), CaseNames.EncounterOf(encounter),
                confidentiality, new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day)),
            new RequestFacts(actor.Split('/')[0], true, "", actor.Split('/')[1], purpose, new DateTimeOffset(asked, 9, 1, 0, 0, 0, TimeSpan.Zero)));

    private static string[] Sensitivity => [.. new[] { "PSY", "SDV" }.Select(code => CaseNames.LabelOf(new FhirCoding(FhirSystems.ActCode, code)))];
}
