using System.Xml.Linq;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Architecture;

/// <summary>Holds the direction of dependencies: a project may reference only what is listed here.</summary>
public sealed class DependencyArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["HealthShare.Fabric.Protocol"] = [],
        ["HealthShare.DevLedger"] = ["HealthShare.Fabric.Protocol"],
        ["HealthShare.Policy"] = [],
        ["HealthShare.Chaincode.Shim"] = ["HealthShare.Fabric.Protocol"],
        ["HealthShare.Chaincode"] = ["HealthShare.Policy", "HealthShare.Chaincode.Shim"],
        ["HealthShare.Chaincode.Host"] = ["HealthShare.Chaincode"],
        ["HealthShare.Fabric.Client"] = ["HealthShare.Fabric.Protocol"],
        ["HealthShare.Hl7"] = [],
        ["HealthShare.Vault"] = [],
        ["HealthShare.Node"] =
        [
            "HealthShare.Fabric.Client", "HealthShare.Hl7", "HealthShare.Vault", "HealthShare.Policy", "HealthShare.Chaincode",
        ],
        ["HealthShare.Sandbox"] = ["HealthShare.DevLedger", "HealthShare.Node", "HealthShare.Chaincode.Host"],
    };

    private static IEnumerable<string> ProjectFiles() => new[] { "network", "chaincode", "node" }
        .SelectMany(part => Directory.EnumerateFiles(
            Path.Combine(SharedData.RepositoryRoot, part), "*.csproj", SearchOption.AllDirectories));

    [Fact]
    public void Every_project_references_only_what_its_place_allows()
    {
        foreach (var file in ProjectFiles())
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.True(Allowed.TryGetValue(name, out var allowed), $"{name} has no entry in the list of allowed arrows.");
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            foreach (var reference in references)
                Assert.True(allowed.Contains(reference), $"{name} must not reference {reference}.");
        }
    }

    [Fact]
    public void The_list_of_arrows_names_only_projects_that_exist() =>
        Assert.Empty(Allowed.Keys.Except(ProjectFiles().Select(file => Path.GetFileNameWithoutExtension(file))));

    [Theory]
    [InlineData("network/HealthShare.Fabric.Protocol")]
    [InlineData("network/HealthShare.DevLedger")]
    [InlineData("chaincode/HealthShare.Chaincode.Shim")]
    [InlineData("node/HealthShare.Fabric.Client")]
    public void The_Fabric_libraries_hold_no_word_of_health(string project)
    {
        string[] words = ["patient", "consent", "hospital", "clinician", "hl7"];
        var sources = Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        foreach (var source in sources)
        {
            var text = File.ReadAllText(source);
            foreach (var word in words)
                Assert.False(text.Contains(word, StringComparison.OrdinalIgnoreCase), $"{source} speaks of '{word}'.");
        }
    }
}
