using System.Text.Json;
using System.Text.Json.Nodes;
using HealthShare.Node.Cli;
using HealthShare.UnitTests.Node.Consents.Fhir;

namespace HealthShare.UnitTests.Node.Consents.Cases;

public sealed class ConsentDecideCommandTests : IDisposable
{
    private const string Treatment = """{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}""";
    private readonly string folder = Directory.CreateTempSubdirectory("decide").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Each_case_is_a_line_and_agreement_is_exit_0()
    {
        var manifest = Manifest(Treatment, ("a", "TREAT", "x-normal", "permit"), ("b", "HRESCH", "x-normal", "deny"), ("c", "TREAT", "x-labelled", "permit"));
        var (exit, output, errors) = await RunAsync("--cases", manifest);
        Assert.Equal(["a\tpermit\tpermit\tpermit.signed: scope[0]", "b\tdeny\tdeny\tdeny.default: near.purpose", "c\tpermit\tpermit\tpermit.signed: scope[0]"], output);
        Assert.Equal((0, "3 cases, 0 differ."), (exit, errors.Trim()));
    }

    [Fact]
    public async Task The_channel_permits_no_label_that_is_not_named_which_is_a_difference_and_exit_1()
    {
        var manifest = Manifest(Treatment, ("a", "TREAT", "x-normal", "permit"), ("c", "TREAT", "x-labelled", "permit"));
        var (exit, output, _) = await RunAsync("--cases", manifest, "--profile", "channel");
        Assert.Equal((1, "c\tpermit\tdeny\tdeny.default: near.labels"), (exit, output[1]));
    }

    [Fact]
    public async Task With_json_it_is_one_object()
    {
        var (exit, output, _) = await RunAsync("--cases", Manifest(Treatment, ("a", "TREAT", "x-normal", "deny")), "--json");
        using var report = JsonDocument.Parse(Assert.Single(output));
        Assert.Equal((1, "pcf", 1, 1), (exit, report.RootElement.GetProperty("profile").GetString(),
            report.RootElement.GetProperty("cases").GetInt32(), report.RootElement.GetProperty("differences").GetInt32()));
        var result = report.RootElement.GetProperty("results")[0];
        Assert.Equal(("deny", "permit", false), (result.GetProperty("expected").GetString(), result.GetProperty("decision").GetString(),
            result.GetProperty("agrees").GetBoolean()));
    }

    [Fact]
    public async Task A_consent_that_is_refused_decides_nothing_and_never_counts_as_agreement()
    {
        var manifest = Manifest("""{"type":"deny","data":[{"meaning":"related","reference":{"reference":"CarePlan/c"}}]}""", ("a", "TREAT", "x-normal", "deny"));
        var (exit, output, _) = await RunAsync("--cases", manifest);
        Assert.Equal(1, exit);
        Assert.StartsWith("a\tdeny\tdeny\tconsent.refused: Consent.provision.data[0].meaning: ", output[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consent_that_ended_or_is_not_active_is_none()
    {
        var manifest = Manifest("""{"type":"permit","period":{"start":"2026-01-01","end":"2026-01-31"}}""", ("a", "TREAT", "x-normal", "no-consent"));
        Assert.Equal(0, (await RunAsync("--cases", manifest)).Exit);
        await File.WriteAllTextAsync(Path.Combine(folder, "consents", "c.json"), Inactive(Treatment));
        var (exit, output, _) = await RunAsync("--cases", manifest);
        Assert.Equal((0, "a\tno-consent\tno-consent\tconsent.status: not active"), (exit, output[0]));
    }

    [Fact]
    public async Task A_group_stands_for_its_members_and_a_deny_keeps_out_all_but_the_permitted()
    {
        Directory.CreateDirectory(Path.Combine(folder, "resources"));
        await File.WriteAllTextAsync(Path.Combine(folder, "resources", "g.json"),
            """{"resourceType":"Group","id":"g","member":[{"entity":{"reference":"Practitioner/p"}}]}""");
        var manifest = Manifest("""
            {"type":"deny","provision":[{"type":"permit","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"BTG"}],
              "actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"reference":"Group/g"}}]}]}
            """, ("a", "BTG", "x-normal", "permit"), ("b", "TREAT", "x-normal", "deny"));
        var (exit, output, _) = await RunAsync("--cases", manifest);
        Assert.Equal(["a\tpermit\tpermit\tpermit.signed: statement 2, scope[0]", "b\tdeny\tdeny\tdeny.signed: statement 1, scope[0]"], output);
        Assert.Equal(0, exit);
        File.Delete(Path.Combine(folder, "resources", "g.json"));
        Assert.Contains("Consent.provision.provision[0].actor[0].reference", (await RunAsync("--cases", manifest)).Output[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"consents":[],"cases":[]}""")]
    [InlineData("""{"consents":[{"file":"../../secret.json"}],"cases":[{"id":"a","consent":"c","actor":"P/p","purpose":"TREAT","as_of":"2026","resource":"r","expected":"deny"}]}""")]
    [InlineData("""{"consents":[{"file":"absent.json"}],"cases":[{"id":"a","consent":"c","actor":"P/p","purpose":"TREAT","as_of":"2026","resource":"r","expected":"deny"}]}""")]
    [InlineData("""{"consents":[],"cases":[{"id":"a","consent":"c","actor":"P/p","purpose":"TREAT","as_of":"2026","resource":"r","expected":"deny"}]}""")]
    [InlineData("""{"consents":[],"cases":[{"id":"a","consent":"c","actor":"P/p","purpose":"TREAT","as_of":"2026","resource":"r","expected":"perhaps"}]}""")]
    public async Task A_manifest_that_is_not_of_its_form_is_wrong_usage(string text)
    {
        var file = Path.Combine(folder, "m.json");
        await File.WriteAllTextAsync(file, text);
        var (exit, output, errors) = await RunAsync("--cases", file);
        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("HealthShare.", errors, StringComparison.Ordinal); // no type of the program
    }

    [Fact]
    public async Task Wrong_options_are_wrong_usage_and_help_is_not()
    {
        Assert.Equal(2, (await RunAsync()).Exit);
        Assert.Equal(2, (await RunAsync("--cases", Path.Combine(folder, "absent.json"))).Exit);
        Assert.Equal(2, (await RunAsync("--cases", Manifest(Treatment), "--profile", "mine")).Exit);
        Assert.Equal(0, (await RunAsync("--help")).Exit);
    }

    private string Manifest(string provision, params (string Id, string Purpose, string Resource, string Expected)[] cases)
    {
        Directory.CreateDirectory(Path.Combine(folder, "consents"));
        File.WriteAllText(Path.Combine(folder, "consents", "c.json"), FhirConsents.R4(provision).ToJsonString());
        var manifest = new JsonObject
        {
            ["consents"] = new JsonArray(new JsonObject { ["file"] = "consents/c.json", ["title"] = "one" }),
            ["extra_resources"] = JsonNode.Parse("""{"x-normal":{"security":["N"],"date":"2026-01-05"},"x-labelled":{"security":["R","HIV"]}}"""),
            ["cases"] = new JsonArray([.. cases.Select(item => new JsonObject
            {
                ["id"] = item.Id, ["consent"] = "c", ["actor"] = "Practitioner/p", ["purpose"] = item.Purpose, ["as_of"] = "2026-02-02",
                ["resource"] = item.Resource, ["expected"] = item.Expected,
            })]),
        };
        var file = Path.Combine(folder, "manifest.json");
        File.WriteAllText(file, manifest.ToJsonString());
        return file;
    }

    private static string Inactive(string provision)
    {
        var consent = FhirConsents.R4(provision);
        consent["status"] = "inactive";
        return consent.ToJsonString();
    }

    internal static async Task<(int Exit, string[] Output, string Errors)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await NodeCommandLine.RunAsync(["consent", "decide", .. args], output, errors);
        return (exit, output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries), errors.ToString());
    }
}
