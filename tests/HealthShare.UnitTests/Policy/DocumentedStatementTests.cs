using System.Text;
using System.Text.RegularExpressions;
using HealthShare.Policy.Json;
using HealthShare.Policy.Statements;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Policy;

public sealed partial class DocumentedStatementTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "docs", "consent.md"));

    [Fact]
    public void The_example_is_a_statement()
    {
        var json = Example().Match(Document).Groups[1].Value;
        var statement = StatementReader.Read(CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(json)));
        Assert.Equal(Effect.Permit, Assert.IsType<GrantBody>(statement.Body).Effect);
    }

    [Fact]
    public void Every_code_that_the_chaincode_raises_is_documented()
    {
        var sources = new[] { "HealthShare.Policy", "HealthShare.Chaincode" }
            .SelectMany(project => Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, "chaincode", project), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var codes = sources.SelectMany(file => Code().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).Distinct().ToArray();
        Assert.True(codes.Length > 40, $"Only {codes.Length} codes were found.");
        Assert.All(codes, code =>
        {
            var parts = code.Split('.');
            Assert.Contains(Document.Split('\n'), line => line.Contains($"`{code}`", StringComparison.Ordinal)
                || (line.StartsWith($"| `{parts[0]}.`", StringComparison.Ordinal) && line.Contains($"`{parts[1]}`", StringComparison.Ordinal)));
        });
    }

    [GeneratedRegex("```json\\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("(?:Exception|Refused|new)\\(\\s*\"([a-z]+\\.[a-z_]+)\"")]
    private static partial Regex Code();
}
