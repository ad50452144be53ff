using System.Collections.Immutable;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents.Cases;

/// <summary>
/// Puts sensitivity labels where PCF has them: among what a record is about. There a rule that names a label reaches what
/// carries it, and a rule that names none reaches everything. The kernel is the channel's; only the statements and the facts
/// that it is handed differ, and these never leave the command that compares cases.
/// </summary>
internal static class PcfLabels
{
    public static GrantBody Of(GrantBody grant) => grant with { Scope = Of(grant.Scope) };

    public static RecordFacts Of(RecordFacts record) => record with { Categories = [.. record.Categories, .. record.Labels], Labels = [] };

    // A PCF provision has no category beside labels: the mapping refuses that.
    private static ImmutableArray<Provision> Of(ImmutableArray<Provision> provisions) => provisions.IsDefault
        ? provisions
        : [.. provisions.Select(static provision => provision with
        {
            Category = provision.Labels.IsDefault ? provision.Category : provision.Labels,
            Labels = default,
            Except = Of(provision.Except),
        })];
}
