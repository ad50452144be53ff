using HealthShare.Node;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Node.Hosting;

public sealed class ConfigurationDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "configuration.md"));

    [Fact]
    public void Every_setting_stands_in_the_document_under_its_section()
    {
        var options = typeof(NodeApplication).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.Name.EndsWith("Options", StringComparison.Ordinal)
                && type.Namespace!.StartsWith("HealthShare.Node", StringComparison.Ordinal)).ToList();
        Assert.True(options.Count >= 8);
        foreach (var type in options)
        {
            var section = type.Name switch
            {
                "AuthorityOptions" => "Intake",
                "CallerOptions" => "Auth",
                "GarbageOptions" => "Content:Garbage",
                "KeepingOptions" => "Content:Keeping",
                "ReplicaOptions" => "Content:Replicas",
                var name => name[..^"Options".Length],
            };
            var start = Document.IndexOf($"\n## HealthShare:{section} ", StringComparison.Ordinal);
            start = start >= 0 ? start : Document.IndexOf($"\n## HealthShare:{section}\n", StringComparison.Ordinal);
            Assert.True(start >= 0, $"docs/configuration.md has no section HealthShare:{section}.");
            var end = Document.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
            foreach (var setting in type.GetProperties())
            {
                Assert.True(Document[start..end].Contains($"`{setting.Name}`", StringComparison.Ordinal),
                    $"docs/configuration.md does not tell of HealthShare:{section}:{setting.Name}.");
            }
        }
    }
}
