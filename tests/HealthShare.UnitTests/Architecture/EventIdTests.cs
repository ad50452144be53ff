using System.Globalization;
using System.Text.RegularExpressions;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Architecture;

/// <summary>Who filters a node's log by the id of an event finds that event and no other.</summary>
public sealed partial class EventIdTests
{
    [Fact]
    public void No_two_events_of_the_node_have_one_id()
    {
        var ids = Directory.EnumerateFiles(Path.Combine(SharedData.RepositoryRoot, "node", "HealthShare.Node"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(file => EventId().Matches(File.ReadAllText(file)))
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToList();
        Assert.True(ids.Count > 100);
        Assert.Empty(ids.GroupBy(id => id).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId = )?(\d+)")]
    private static partial Regex EventId();
}
