namespace HealthShare.Node.Auth;

/// <summary>Roles as they stand on the ledger and in statements.</summary>
public static class RoleCode
{
    /// <summary>The role's code, such as <c>physician</c> or <c>itAdministrator</c>.</summary>
    public static string Of(Role role)
    {
        var name = role.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }
}
