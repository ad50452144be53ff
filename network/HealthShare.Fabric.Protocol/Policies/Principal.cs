using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Msp;
using Classification = HealthShare.Fabric.Protocol.Common.MSPPrincipal.Types.Classification;

namespace HealthShare.Fabric.Protocol.Policies;

/// <summary>A principal of a policy, read once: policies are asked for every transaction.</summary>
/// <param name="Role">A role of a member; null where it is something else.</param>
/// <param name="Identity">One certificate; null where it is something else.</param>
/// <param name="Unit">An organizational unit; null where it is something else.</param>
internal sealed record Principal(MSPRole? Role, SerializedIdentity? Identity, OrganizationUnit? Unit)
{
    // Nobody can be what cannot be read, or is of an unknown kind; a peer says the same.
    private static readonly Principal Nobody = new(null, null, null);

    public static Principal Of(MSPPrincipal principal)
    {
        try
        {
            return principal.PrincipalClassification switch
            {
                Classification.Role => new(MSPRole.Parser.Read(principal.Principal, "role of a principal"), null, null),
                Classification.Identity => new(null, SerializedIdentity.Parser.Read(principal.Principal, "identity of a principal"), null),
                Classification.OrganizationUnit => new(null, null, OrganizationUnit.Parser.Read(principal.Principal, "unit of a principal")),
                _ => Nobody,
            };
        }
        catch (FabricDataException)
        {
            return Nobody;
        }
    }
}
