namespace HealthShare.Node.Auth;

/// <summary>Roles as they stand on the ledger and in statements.</summary>
public static class RoleCode
{
    private static readonly Dictionary<string, Role> Roles = Enum.GetValues<Role>().ToDictionary(Of, StringComparer.OrdinalIgnoreCase);

    /// <summary>The role's code, such as <c>physician</c> or <c>itAdministrator</c>.</summary>
    public static string Of(Role role)
    {
        var name = role.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>The role of a code, in capitals or not; null for any other text: no number, no list, no blanks.</summary>
    public static Role? Find(string? code) => code is not null && Roles.TryGetValue(code, out var role) ? role : null;
}
