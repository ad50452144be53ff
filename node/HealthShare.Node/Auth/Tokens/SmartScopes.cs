using System.Collections.Frozen;

namespace HealthShare.Node.Auth.Tokens;

/// <summary>
/// What SMART on FHIR scopes (version 2, <c>system/Patient.rs</c>; version 1, <c>user/Consent.read</c>, too) let a program do. Scopes only
/// take away: what the role may not, no scope gives.
/// </summary>
public static class SmartScopes
{
    private const string Letters = "cruds";

    private static readonly FrozenDictionary<Permission, (string Resource, char Interaction)> Table =
        new Dictionary<Permission, (string, char)>
        {
            [Permission.SendMessages] = ("Bundle", 'c'),
            [Permission.SeeMessages] = ("Bundle", 's'),
            [Permission.RegisterPatients] = ("Patient", 'c'),
            [Permission.SeePatients] = ("Patient", 'r'),
            [Permission.SeeRecords] = ("DocumentReference", 's'),
            [Permission.ReadRecords] = ("DocumentReference", 'r'),
            [Permission.SeeConsents] = ("Consent", 's'),
            [Permission.RelayStatements] = ("Consent", 'c'),
            [Permission.SeeAccessLog] = ("AuditEvent", 's'),
            [Permission.SeeEmergencies] = ("AuditEvent", 'r'),
            [Permission.SeeNotifications] = ("Communication", 's'),
            [Permission.SeeOrganizations] = ("Organization", 's'),
        }.ToFrozenDictionary();

    /// <summary>The scope that a permission needs, such as <c>Patient.r</c>; null where no token of a program gives it.</summary>
    public static string? Needed(Permission permission) =>
        Table.TryGetValue(permission, out var needed) ? $"{needed.Resource}.{needed.Interaction}" : null;

    /// <summary>Reads a token's scopes; those that are none of SMART's say nothing here.</summary>
    /// <param name="scope">The claim <c>scope</c>: words with one space between.</param>
    /// <returns>For whom the program acts, <c>patient</c>, <c>user</c> or <c>system</c>, and what it may; null where nothing, or where levels are mixed.</returns>
    public static (string Level, FrozenSet<Permission> Permissions)? Read(string scope)
    {
        string? level = null;
        var granted = new HashSet<Permission>();
        foreach (var word in scope.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Parse(word) is not var (of, resource, interactions))
                continue;
            if (level is not null && level != of)
                return null; // whose rights would count could be chosen by whoever reads it
            level = of;
            granted.UnionWith(Table.Where(entry => (resource == "*" || resource == entry.Value.Resource)
                && interactions.Contains(entry.Value.Interaction, StringComparison.Ordinal)).Select(entry => entry.Key));
        }
        return level is null ? null : (level, granted.ToFrozenSet());
    }

    private static (string Level, string Resource, string Interactions)? Parse(string word)
    {
        // A restriction by search parameters (?category=…) cannot be kept here: such a scope gives nothing.
        if (word.Split('/') is not [("patient" or "user" or "system") and var level, var rest] || rest.Split('.') is not [{ Length: > 0 } resource, var how])
            return null;
        if (resource != "*" && !resource.All(char.IsAsciiLetter))
            return null;
        var interactions = how switch { "read" => "rs", "write" => "cud", "*" => Letters, _ => how };
        // The letters stand in this order, each at most once.
        var last = -1;
        foreach (var letter in interactions)
        {
            var place = Letters.IndexOf(letter, StringComparison.Ordinal);
            if (place <= last)
                return null;
            last = place;
        }
        return interactions.Length == 0 ? null : (level, resource, interactions);
    }
}
