using System.Globalization;
using System.Text.RegularExpressions;

namespace HealthShare.Fabric.Protocol.Ledger;

/// <summary>Durations as Go writes them, such as <c>200ms</c> or <c>1m30s</c>.</summary>
internal static partial class GoDuration
{
    /// <summary>Reads a duration that is not negative.</summary>
    /// <exception cref="FabricDataException">The text is none.</exception>
    public static TimeSpan Read(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success)
            throw new FabricDataException("The batch timeout is no duration, such as 2s.");
        var total = TimeSpan.Zero;
        for (var i = 0; i < match.Groups["count"].Captures.Count; i++)
        {
            var count = double.Parse(match.Groups["count"].Captures[i].ValueSpan, CultureInfo.InvariantCulture);
            total += TimeSpan.FromSeconds(count * match.Groups["unit"].Captures[i].Value switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 1e-3,
                "ns" => 1e-9,
                _ => 1e-6,
            });
        }
        return total;
    }

    [GeneratedRegex(@"^(?:(?<count>[0-9]{1,9}(?:\.[0-9]{1,9})?)(?<unit>h|ms|m|s|us|\u00b5s|ns)){1,6}$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
