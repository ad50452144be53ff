using System.Text;
using HealthShare.Hl7;
using HealthShare.Node.Intake.Classification;

namespace HealthShare.UnitTests.Node.Intake;

/// <summary>The hospital's own file lies over the shipped one: its entries count before, add, and take away.</summary>
public sealed class LabelFileTests
{
    [Theory]
    [InlineData("""{"version":1}""", "ADT^A01", "PV1|1|I", "encounter")]
    [InlineData("""{"version":1,"categories":{"messageTypes":{"ADT":"stay"}}}""", "ADT^A01", "PV1|1|I", "stay")]
    [InlineData("""{"version":1,"categories":{"messageTypes":{"ADT^A01":"admission"}}}""", "ADT^A02", "PV1|1|I", "encounter")]
    [InlineData("""{"version":1,"categories":{"messageTypes":{"ADT":null}}}""", "ADT^A01", "PV1|1|I", "other")]
    [InlineData("""{"version":1,"categories":{"default":"unsorted","messageTypes":{"adt":null}}}""", "ADT^A01", "PV1|1|I", "unsorted")]
    [InlineData("""{"version":1,"categories":{"patientClasses":{"E":"emergency"}}}""", "ADT^A01", "PV1|1|E", "emergency,encounter")]
    [InlineData("""{"version":1,"categories":{"departments":{"ICU":"intensive-care"}}}""", "ADT^A01", "PV1|1|I|icu^1^2", "encounter,intensive-care")]
    [InlineData("""{"version":1,"categories":{"diagnosticSections":{"CH":"chemistry"}}}""", "ORU^R01", "OBR|1|||||||||||||||||||||||CH", "chemistry")]
    [InlineData("""{"version":1,"categories":{"codes":[{"category":"blood","codes":[{"system":"L","codes":["GLU*"]}]}]}}""", "ORU^R01", "OBR|1|||GLUC^Glucose^L", "blood")]
    [InlineData("""{"version":1,"categories":{"segments":{"CON":null}}}""", "MDM^T02", "CON|1", "document")]
    public void Own_categories_count_before_the_shipped_ones(string own, string type, string segments, string categories) =>
        Assert.Equal(categories, string.Join(',', Classify(own, type, segments).Categories));

    [Theory]
    [InlineData("ORU^R01", "OBR|1|||18748-4^Diagnostic imaging study^LN", "imaging")]
    [InlineData("ORU^R01", "OBR|1|||X^x^L^24323-8^CMP^LN", "laboratory")]
    [InlineData("ORU^R01", "OBR|1|||X\rOBX|1|NM|600-7^Culture^LN", "laboratory")]
    [InlineData("ORU^R01", "OBR|1|||18748-4^Imaging^LN||||||||||||||||||||CH", "laboratory")]
    [InlineData("MDM^T02", "TXA|1|DI", "document,imaging")]
    [InlineData("MDM^T02", "TXA|1|DS", "document")]
    [InlineData("MDM^T02", "TXA|1|DS\rCON|1|001||||||||||R", "consent,document")]
    public void What_is_shipped_knows_codes_documents_and_consents(string type, string segments, string categories) =>
        Assert.Equal(categories, string.Join(',', Classify("""{"version":1}""", type, segments).Categories));

    [Theory]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","except":[{"system":"LN","codes":["20447-9"]}]}]}""", "OBX|1|NM|20447-9^x^LN", "")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","except":[{"system":"LOINC","codes":["20447-9"]}]}]}""", "OBX|1|NM|20447-9^x^LN", "")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","except":[{"system":"ICD-10-GM","codes":["B20*"]}]}]}""", "DG1|1||B20^x^I10", "")]
    [InlineData("""{"version":1,"labels":[{"label":"X","codes":[{"system":"SOMETHING","codes":["1"]}]}]}""", "DG1|1||B20^x^SOMETHING", "")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","except":[{"system":"LN","codes":["5220-9"]}]}]}""", "OBX|1|NM|20447-9^x^LN", "HIV")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","replace":true,"codes":[{"system":"L","codes":["HX"]}]}]}""", "OBX|1|NM|20447-9^x^LN", "")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","replace":true,"codes":[{"system":"L","codes":["HX"]}]}]}""", "OBX|1|NM|hx^x^L", "HIV")]
    [InlineData("""{"version":1,"labels":[{"label":"HIV","codes":[{"system":"L","codes":["HX"]}]}]}""", "OBX|1|NM|20447-9^x^LN\rOBX|2|NM|HX^x^L", "HIV")]
    [InlineData("""{"version":1,"labels":[{"label":"STAFF","departments":["OCC"]}]}""", "PV1|1|O|OCC^1", "STAFF")]
    [InlineData("""{"version":1,"labels":[{"label":"PSY","hospitalServices":["MIND"]}]}""", "PV1|1|O||||||||mind", "PSY")]
    [InlineData("""{"version":1}""", "TXA|1|PC", "PSY")]
    [InlineData("""{"version":1}""", "ORC|RE|||||||||||||||||||||||||||AID", "HIV")]
    [InlineData("""{"version":1}""", "DG1|1|I10|B20", "HIV")]
    [InlineData("""{"version":1}""", "DG1|1|I9|042", "HIV")]
    [InlineData("""{"version":1}""", "DG1|1|L|B20", "")]
    [InlineData("""{"version":1,"replacesShipped":true}""", "OBX|1|NM|20447-9^x^LN", "")]
    public void Own_labels_add_and_take_away(string own, string segments, string labels)
    {
        var meaning = Classify(own, "ORU^R01", segments);
        Assert.Equal(labels, string.Join(',', meaning.Labels));
        Assert.Equal(labels.Length > 0 ? "R" : "N", meaning.Confidentiality);
    }

    [Theory]
    [InlineData("""{"version":1}""", "PV1|1|I||||||||||||||VIP", "R")]
    [InlineData("""{"version":1}""", "PV1|1|I||||||||||||||N", "N")]
    [InlineData("""{"version":1}""", "PV1|1|I||||||||||||||\"\"", "N")]
    [InlineData("""{"version":1}""", "PV2||||||||||||||||||||||Y", "R")]
    [InlineData("""{"version":1}""", "ARV|1|A|DEM", "R")]
    [InlineData("""{"version":1}""", "ARV|1|D|DEM", "N")]
    [InlineData("""{"version":1}""", "ORC|RE|||||||||||||||||||||||||||EMP~V", "V")]
    [InlineData("""{"version":1,"confidentiality":{"vip":{"1":"V"}}}""", "PV1|1|I||||||||||||||1", "V")]
    [InlineData("""{"version":1,"confidentiality":{"vip":{"*":null}}}""", "PV1|1|I||||||||||||||1", "N")]
    [InlineData("""{"version":1,"confidentiality":{"codes":{"EMP":"V"}}}""", "ORC|RE|||||||||||||||||||||||||||EMP", "V")]
    [InlineData("""{"version":1,"confidentiality":{"codes":{"V":"L"}}}""", "ORC|RE|||||||||||||||||||||||||||V", "N")]
    [InlineData("""{"version":1,"confidentiality":{"protected":"V"}}""", "PD1||||||||||||Y", "V")]
    public void Confidentiality_is_read_by_the_value_sets_and_never_lowered(string own, string segments, string expected) =>
        Assert.Equal(expected, Classify(own, "ADT^A01", segments).Confidentiality);

    [Theory]
    [InlineData("PRT|1|AD||AUT^Author|66^House\rOBX|1|TX|L", "FAC|66")]
    [InlineData("PRT|1|AD||OP^Orderer|66^House\rOBR|1|||||||||||||||55", "FAC|55")]
    [InlineData("OBR|1|||||||||||||||55\rPV1|1|I|||||77", "FAC|55")]
    [InlineData("OBR|1|||||||||||||||||||||||||||||||88&House\rPRT|1|AD||AUT|66", "FAC|88")]
    public void The_author_is_who_answers_for_the_content(string segments, string author) =>
        Assert.Equal(author, Classify("""{"version":1}""", "ORU^R01", segments).Author);

    [Theory]
    [InlineData("{\n\"version\":1,\n\"lables\":[]}", "line 3")]
    [InlineData("{\n\"version\":1,\n\"labels\":[{\"label\":\"A\"},{\"label\":5}]}", "$.labels[1].label")]
    [InlineData("""{"version":1,"labels":[{"label":"A"},{"label":"B","codes":[{"system":"X","codes":["1"]},{"system":"","codes":["1"]}]}]}""", "$.labels[1].codes[1].system")]
    [InlineData("""{"version":1,"labels":[{"label":"B","codes":[{"system":"X","codes":["1",""]}]}]}""", "$.labels[0].codes[0].codes[1]")]
    [InlineData("""{"version":1,"labels":[{"label":"B","codes":[{"system":"X","codes":["*"]}]}]}""", "$.labels[0].codes[0].codes[0]")]
    [InlineData("""{"version":1,"labels":[{"label":"B"},{"label":"B"}]}""", "$.labels[1].label")]
    [InlineData("""{"version":1,"labels":[null]}""", "$.labels[0]")]
    [InlineData("""{"version":1,"categories":{"departments":{"ICU":""}}}""", "$.categories.departments['ICU']")]
    [InlineData("""{"version":1,"categories":{"codes":[{"category":"","codes":[]}]}}""", "$.categories.codes[0].category")]
    [InlineData("""{"version":1,"confidentiality":{"vip":{"*":"X"}}}""", "$.confidentiality.vip['*']")]
    [InlineData("""{"version":1,"confidentiality":{"codes":{"V":"VR"}}}""", "$.confidentiality.codes['V']")]
    [InlineData("""{"version":1,"confidentiality":{"protected":"secret"}}""", "$.confidentiality.protected")]
    [InlineData("""{"version":1,"version":1}""", "version")]
    public void A_fault_is_named_by_file_and_element(string text, string element)
    {
        var message = Assert.Throws<InvalidDataException>(() => Load(text, out _)).Message;
        Assert.Contains(".json", message, StringComparison.Ordinal);
        Assert.Contains(element, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("absent.json", Assert.Throws<InvalidDataException>(() => LabelRules.Load("/nowhere/absent.json")).Message, StringComparison.Ordinal);

    private static Meaning Classify(string own, string type, string segments) => new Classifier(Load(own, out _), TimeZoneInfo.Utc).Classify(
        Er7Message.Parse(Encoding.UTF8.GetBytes($"MSH|^~\\&|A|FAC|||20260301||{type}|1|P|2.5\rPID|1||7\r{segments}")), DateTimeOffset.UnixEpoch);

    private static LabelRules Load(string text, out string file)
    {
        file = Path.Combine(Path.GetTempPath(), $"labels-{Guid.NewGuid():n}.json");
        try
        {
            File.WriteAllText(file, text);
            return LabelRules.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
