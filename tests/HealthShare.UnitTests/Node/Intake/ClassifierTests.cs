using System.Text;
using HealthShare.Hl7;
using HealthShare.Node.Intake.Classification;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Intake;

public sealed class ClassifierTests
{
    private static readonly DateTimeOffset Arrival = new(2026, 5, 6, 7, 8, 9, 500, TimeSpan.Zero);
    private static readonly Classifier Shipped = new(LabelRules.Load(null), TimeZoneInfo.Utc);

    [Theory]
    [InlineData("01-registration.hl7", "encounter", "", "N", "2026-03-01T07:00:00Z")]
    [InlineData("02-glucose.hl7", "laboratory", "", "N", "2026-03-01T07:30:00Z")]
    [InlineData("03-hiv.hl7", "laboratory", "HIV", "R", "2026-03-01T07:30:00Z")]
    [InlineData("04-chest-image.hl7", "imaging", "", "N", "2026-03-01T14:00:00Z")]
    [InlineData("06-discharge-letter.hl7", "document", "", "N", "2026-03-02T15:30:00Z")]
    public void The_samples_mean_what_the_story_tells(string file, string category, string labels, string confidentiality, string date)
    {
        var path = Path.Combine(SharedData.RepositoryRoot, "network", "HealthShare.Sandbox", "Samples", file);
        var meaning = Shipped.Classify(Er7Message.Parse(File.ReadAllBytes(path)), Arrival);
        Assert.Equal([category], meaning.Categories);
        Assert.Equal(labels, string.Join(',', meaning.Labels));
        Assert.Equal(confidentiality, meaning.Confidentiality);
        Assert.Equal(DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture), meaning.Date);
    }

    [Theory]
    [InlineData("DG1|1||B20.9^HIV disease^I10", "HIV")]
    [InlineData("DG1|1||b20^HIV disease^icd10", "HIV")]
    [InlineData("OBX|1|NM|X1^Load^L^20447-9^HIV 1 RNA^LN||20", "HIV")]
    [InlineData("OBX|1|CWE|1^a^L||9^none^L~F32.1^Depression^I10", "PSY")]
    [InlineData("ORC|RE|||||||||||||||||||||||||||HIV^x^HL70177", "HIV")]
    [InlineData("PV1|1|I||||||||PSY", "PSY")]
    [InlineData("DG1|1||F10.2^Alcohol^I10\rDG1|2||A51^Syphilis^I10", "ETH,STD")]
    [InlineData("DG1|1||B19^Hepatitis^I10", "")]
    [InlineData("OBX|1|ST|20447-9^Local use of that number^L||x", "")]
    [InlineData("ZZZ|||B20^in a segment of our own^I10", "HIV")]
    [InlineData("OBX|1|NM|20447-9^HIV RNA||20", "HIV")] // no system
    [InlineData("OBX|1|NM|20447-9||20", "HIV")]
    [InlineData("OBX|1|NM|20447-9^HIV RNA^\"\"||20", "HIV")]
    [InlineData("OBX|1|NM|X1^Load^L^20447-9||20", "HIV")]
    [InlineData("OBR|1|||20447-9", "HIV")]
    [InlineData("OBX|1|CWE|1||f32.1", "PSY")]
    [InlineData("OBX|1|ST|1||F32.1", "")]
    [InlineData("OBX|1|NM|2345-7||182", "")]
    [InlineData("DG1|1||B20", "HIV")]
    [InlineData("PRB|AD|20260301|B20^x", "HIV")]
    [InlineData("PV1|1|I|F3^101^1||||042^House^Greg", "")] // a ward and a doctor, not codes
    [InlineData("PID|1||F322^^^NORTH^MR", "")]
    [InlineData("OBX|1|NM|X1^a^L^X2^b^99X^^^^20447-9^c^LN||20", "HIV")] // the second alternate
    [InlineData("OBX|1|NM|20447-9^a^^^^^^^^^^^^2.16.840.1.113883.6.1||20", "HIV")] // the OID beside it
    [InlineData("OBX|1|NM|20447-9^a^LAB-X^^^^^^^^^^^2.16.840.1.113883.6.1||20", "HIV")]
    [InlineData("OBX|1|NM|X^a^L^20447-9^b^^^^^^^^^^^^^2.16.840.1.113883.6.1||20", "HIV")]
    [InlineData("OBX|1|NM|X^a^L^^^^^^^20447-9^b^^^^^^^^^2.16.840.1.113883.6.1||20", "HIV")]
    [InlineData("OBX|1|NM|20447-9^a^^^^^^^^^^^^1.2.3.4||20", "HIV")] // of a system that nobody named
    [InlineData("OBX|1|NM|20447-9^a^2.16.840.1.113883.6.1||20", "HIV")] // the OID or the address in place of the name
    [InlineData("OBX|1|NM|20447-9^a^urn:oid:2.16.840.1.113883.6.1||20", "HIV")]
    [InlineData("DG1|1||86406008^HIV^http://snomed.info/sct", "HIV")]
    [InlineData("DG1|1||O987^x^2.16.840.1.113883.6.90", "HIV")]
    [InlineData("OBR|1|||||||||||||||||||||||20447-9&HIV RNA&LN^1", "HIV")] // sub-components
    [InlineData("OBR|1||||||||||||||||||||||20447-9&HIV RNA&LN^1", "HIV")]
    [InlineData("OBR|1|||||||||||||||||||||||||20447-9&HIV RNA^1", "HIV")]
    [InlineData("OBR|1||||||||||||||X&x&L&B20&HIV&I10^1", "HIV")]
    [InlineData("DG1|1||O987^x^I10", "HIV")] // the ICD without its dot
    [InlineData("DG1|1||O98.71^x^I10C", "HIV")]
    [InlineData("DG1|1||R4585^x^I10", "PSY")]
    [InlineData("DG1|1||T1491XA^x^ICD-10-CM", "PSY")]
    [InlineData("DG1|1||79571^x^I9", "HIV")]
    [InlineData("DG1|1|I9|79571", "HIV")]
    [InlineData("DG1|1||O98^x^I10", "")]
    [InlineData("OBX|1|NM|204479^the dot alone may be left out, and in the ICD alone^LN||20", "")]
    [InlineData("ARV|1|A|HIV", "HIV")] // table 0717
    [InlineData("ARV|1|A|STD~PSY~DRG", "ETH,PSY,STD")]
    [InlineData("ARV|1|D|HIV^x^HL70717", "HIV")]
    public void A_sensitive_code_is_found_in_whatever_coded_field_it_stands(string segments, string labels)
    {
        var meaning = Classify(segments);
        Assert.Equal(labels, string.Join(',', meaning.Labels));
        Assert.Equal(labels.Length > 0 ? "R" : "N", meaning.Confidentiality);
    }

    [Theory]
    [InlineData("DG1|1||B20^HIV^ICD-10-GM", "HIV")]
    [InlineData("DG1|1||B20.1^HIV^ICD10GM", "HIV")]
    [InlineData("DG1|1||B20^HIV^I10G2006", "HIV")]
    [InlineData("DG1|1||B20^HIV^ICD-10-GM-2026", "HIV")]
    [InlineData("DG1|1||B20^HIV^icd 10", "HIV")]
    [InlineData("DG1|1||B20^HIV^http://fhir.de/CodeSystem/bfarm/icd-10-gm", "HIV")]
    [InlineData("DG1|1||B20^HIV^ICD", "HIV")]
    [InlineData("DG1|1||042^HIV^ICD-9", "HIV")]
    [InlineData("DG1|1|ICD10GM|B20", "HIV")]
    [InlineData("DG1|1|DIAGNOSEN|B20", "HIV")]
    [InlineData("PRB|AD|20260301|86406008^HIV^SNOMED CT", "HIV")]
    [InlineData("PRB|AD|20260301|86406008^HIV^SNOMED-CT-2026", "HIV")]
    [InlineData("OBX|1|NM|20447-9^HIV RNA^Loinc 2.81||20", "HIV")]
    [InlineData("OBX|1|NM|20447-9^HIV RNA^SOMETHING||20", "HIV")] // a name that no rule knows
    [InlineData("DG1|1||B20.1^HIV^SOMETHING", "HIV")]
    [InlineData("DG1|1||F32^Depression^1.2.276.0.76.5.999", "PSY")]
    [InlineData("DG1|1||B19^Hepatitis^SOMETHING", "")]
    [InlineData("OBX|1|NM|B2047^no code of the ICD^SOMETHING||20", "")]
    [InlineData("OBX|1|NM|B20^our own^99LAB||20", "")]
    [InlineData("OBX|1|NM|B20^our own^L||20", "")]
    [InlineData("PR1|1||B20YZZZ^Imaging of the heart^ICD10PCS", "")]
    [InlineData("PR1|1||04.2^Nerves^I9CP", "")]
    [InlineData("PV1|1|I|F3^101^1||||042^House^Greg", "")]
    [InlineData("PID|1||7||B20^Ann^Marie", "")] // a name, not a code
    public void A_sensitive_code_is_found_by_whatever_name_its_system_goes(string segments, string labels) =>
        Assert.Equal(labels, string.Join(',', Classify(segments).Labels));

    [Theory]
    [MemberData(nameof(Wide))]
    public void A_sensitive_code_is_found_however_wide_its_field_was_made(string segment, string labels) => Assert.Equal(labels, string.Join(',', Classify(segment).Labels));

    public static TheoryData<string, string> Wide() => new()
    {
        { $"DG1|1||{"B20",-80}^x^I10", "HIV" },
        { $"DG1|1||{"B20",80}^x^{"I10",-200}", "HIV" },
        { $@"DG1|1||\X423230{string.Concat(Enumerable.Repeat("20", 40))}\^x^I10", "HIV" },
        { $"ORC|RE|||||||||||||||||||||||||||{"HIV",-80}", "HIV" },
        { $"DG1|1||F32.1 and what somebody wrote behind it: {new string('x', 5000)}^x^I10", "PSY" },
        { $"DG1|1||{new string('x', 5000)}^F32.1^I10", "" },
        { $"DG1|1||B20^x^I10{new string('x', 5000)}", "HIV" },
    };

    [Theory]
    [InlineData("OBR|1|||||||||||||||||||||||CH", "laboratory")]
    [InlineData("OBR|1|||||||||||||||||||||||ch\rOBR|2|||||||||||||||||||||||RAD", "imaging,laboratory")]
    [InlineData("OBR|1|||||||||||||||||||||||??", "observation")]
    [InlineData("OBR|1", "observation")]
    public void The_category_comes_from_the_section_else_from_the_type(string segments, string categories) =>
        Assert.Equal(categories, string.Join(',', Classify(segments).Categories));

    [Theory]
    [InlineData("XYZ^Z01", "other")]
    [InlineData("MDM^T02", "document")]
    [InlineData("", "other")]
    public void A_type_that_no_rule_names_is_other(string type, string category) =>
        Assert.Equal([category], Classify("PV1|1", type).Categories);

    [Theory]
    [InlineData("TXA|1|DS||||||||||||||||V", "V")]
    [InlineData("TXA|1|DS||||||||||||||||U", "N")]
    [InlineData("ORC|RE|||||||||||||||||||||||||||R", "R")]
    [InlineData("PD1||||||||||||Y", "R")]
    [InlineData("PD1||||||||||||y", "R")]
    [InlineData("PD1|||||||||||| Y ", "R")]
    [InlineData("PD1||||||||||||Y^Yes^HL70136", "R")]
    [InlineData("PD1||||||||||||\\X59\\", "R")]
    [InlineData("PD1||||||||||||N", "N")]
    [InlineData("PD1||||||||||||\"\"", "N")]
    [InlineData("PV2||||||||||||||||||||||y", "R")]
    [InlineData("PV2||||||||||||||||||||||Y ", "R")]
    [InlineData("PV2||||||||||||||||||||||N", "N")]
    public void The_strictest_confidentiality_stated_counts(string segments, string expected) =>
        Assert.Equal(expected, Classify(segments).Confidentiality);

    [Fact]
    public void Author_and_encounter_come_with_their_authority()
    {
        var meaning = Classify("PV1|1|I|||||77^House^^^^^^^CLINIC||||||||||||V1^^^WARD&1.2&ISO\rTXA|1|DS||||||||");
        Assert.Equal(("CLINIC|77", "ISO:1.2|V1"), (meaning.Author, meaning.Encounter));
        Assert.Equal("FAC|88", Classify("PV1|1|I|||||77\rTXA|1|DS|||88").Author);
        Assert.Null(Classify("EVN|A01").Author);
    }

    [Theory]
    [InlineData("20260301120000+0100", "OBR|1||||||20260301080000", "2026-03-01T07:00:00Z")]
    [InlineData("20260301120000", "OBR|1||||||20260301080000", "2026-03-01T13:00:00Z")]
    [InlineData("20260301120000", "OBR|1||||||20260301080000-0200", "2026-03-01T10:00:00Z")]
    [InlineData("20260301120000.9", "OBR|1||||||not a time", "2026-03-01T17:00:00Z")]
    [InlineData("", "OBR|1", "2026-05-06T07:08:09Z")]
    public void A_time_without_zone_has_that_of_the_header_else_that_of_the_hospital(string sent, string segments, string expected)
    {
        var classifier = new Classifier(LabelRules.Load(null), TimeZoneInfo.CreateCustomTimeZone("west", TimeSpan.FromHours(-5), "west", "west"));
        var message = Er7Message.Parse(Encoding.UTF8.GetBytes($"MSH|^~\\&|A|FAC|||{sent}||ORU^R01|1|P|2.5\r{segments}"));
        Assert.Equal(DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), classifier.Classify(message, Arrival).Date);
    }

    [Fact]
    public void More_labels_than_the_ledger_takes_are_refused_and_none_is_dropped()
    {
        var rules = new LabelRules(1, new CategoryRules("other", new Dictionary<string, string>(), new Dictionary<string, string>()),
            [.. Enumerable.Range(0, 17).Select(i => new LabelRule($"L{i}", [new CodeSet("I10", ["B20"])]))]);
        var message = Er7Message.Parse("MSH|^~\\&|A\rDG1|1||B20^x^I10"u8.ToArray());
        Assert.Throws<ClassificationException>(() => new Classifier(rules, TimeZoneInfo.Utc).Classify(message, Arrival));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"categories":{"default":"o","messageTypes":{},"diagnosticSections":{}},"labels":[]}""")]
    [InlineData("""{"version":1,"categories":{"default":"","messageTypes":{},"diagnosticSections":{}},"labels":[]}""")]
    [InlineData("""{"version":1,"categories":{"default":"o","messageTypes":{},"diagnosticSections":{}},"labels":[],"lables":[]}""")]
    [InlineData("""{"version":1,"categories":{"default":"o","messageTypes":{},"diagnosticSections":{}},"labels":[{"label":"","codes":[]}]}""")]
    [InlineData("""{"version":1,"categories":{"default":"o","messageTypes":{},"diagnosticSections":{}},"labels":[{"label":"A","codes":[{"system":"X","codes":[]}]}]}""")]
    public void A_rules_file_that_is_not_as_documented_is_named(string text)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            Assert.Contains(file, Assert.Throws<InvalidDataException>(() => LabelRules.Load(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Meaning Classify(string segments, string type = "ORU^R01") => Shipped.Classify(
        Er7Message.Parse(Encoding.UTF8.GetBytes($"MSH|^~\\&|A|FAC|||20260301||{type}|1|P|2.5\rPID|1||7\r{segments}")), Arrival);
}
