using HealthShare.Hl7.Values;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake;

/// <summary>
/// Under which name the numbers of an assigning authority are kept: the one that the settings give to all of its names, else type and universal id, else the name as it stands. Thread-safe.
/// </summary>
internal sealed class AuthorityNames
{
    /// <summary>Nothing is set: every name stands for itself.</summary>
    public static readonly AuthorityNames None = new([]);

    private readonly Dictionary<string, string> names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> former = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">The settings are wrong, see <see cref="Fault"/>.</exception>
    public AuthorityNames(IEnumerable<AuthorityOptions> authorities)
    {
        foreach (var authority in authorities)
        {
            foreach (var name in authority.Aliases.Prepend(authority.Name))
                names.Add(name.Trim(), authority.Name.Trim());
            former[authority.Name.Trim()] = [.. authority.Aliases.Select(name => name.Trim())
                .Select(name => char.IsAsciiDigit(name[0]) && name.Contains('.', StringComparison.Ordinal) ? $"ISO:{name}" : name).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>The name of an authority; "" where nothing is known of it.</summary>
    public string KeyOf(AssigningAuthority authority) =>
        names.TryGetValue(authority.Key, out var name) || (authority.UniversalId.Length > 0 && names.TryGetValue(authority.UniversalId, out name)) ? name : authority.Key;

    /// <summary>
    /// All keys under which a number of an authority may have been kept: today's first, then those of its other names, which counted before the
    /// settings said that they are one.
    /// </summary>
    public IEnumerable<string> KeysOf(AssigningAuthority authority)
    {
        var key = KeyOf(authority);
        return former.TryGetValue(key, out var others) ? others.Prepend(authority.Key).Prepend(key).Distinct(StringComparer.Ordinal) : [key];
    }

    /// <summary>What is wrong with the settings; null where nothing is.</summary>
    public static string? Fault(IEnumerable<AuthorityOptions> authorities)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (authority, at) in authorities.Select((authority, i) => (authority, $"HealthShare:Intake:Authorities:{i}")))
        {
            if (authority.Aliases.Count == 0)
                return $"{at}:Aliases is empty: an authority of one name needs no entry.";
            foreach (var name in authority.Aliases.Prepend(authority.Name))
            {
                if (string.IsNullOrWhiteSpace(name))
                    return $"{at} has an empty name.";
                if (!seen.Add(name.Trim()))
                    return $"{at}: '{name}' stands there twice.";
            }
        }
        return null;
    }
}

/// <summary>Refuses names of authorities that contradict each other.</summary>
internal sealed class AuthoritiesValidator : IValidateOptions<IntakeOptions>
{
    public ValidateOptionsResult Validate(string? name, IntakeOptions options) =>
        AuthorityNames.Fault(options.Authorities) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
}
