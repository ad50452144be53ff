using System.Collections.Frozen;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.Node.Consents;

/// <summary>
/// The roles that a grant may name at a node. The channel takes any: they are each member's own claims. But every node claims these, so
/// another one is a slip of the pen, and a deny that names it would protect nothing.
/// </summary>
internal static class NamedRoles
{
    private static readonly FrozenSet<string> Known = Enum.GetValues<Role>().Select(RoleCode.Of).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>All of them, for people.</summary>
    public static string All { get; } = string.Join(", ", Enum.GetValues<Role>().Select(RoleCode.Of));

    /// <summary>True for a role that nodes claim.</summary>
    public static bool IsKnown(string role) => Known.Contains(role);

    /// <summary>Refuses a grant that names another role.</summary>
    /// <param name="scope">The grant's scope.</param>
    /// <param name="path">Where it stands.</param>
    /// <exception cref="PolicyException"><c>statement.role_unknown</c>, with the place.</exception>
    public static void Check(IReadOnlyList<Provision> scope, string path)
    {
        foreach (var (part, at) in NamedInGrant.Parts(scope, path))
        {
            for (var i = 0; !part.Who.IsDefault && i < part.Who.Length; i++)
            {
                if (part.Who[i] is WhoOrg { Role: { } role } && !IsKnown(role))
                    throw new PolicyException("statement.role_unknown", $"{at}.who[{i}].role is none of {All}.");
            }
        }
    }
}
