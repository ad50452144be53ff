using Google.Protobuf;
using RoleType = HealthShare.Fabric.Protocol.Common.MSPRole.Types.MSPRoleType;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>The organizational units an MSP demands of a certificate, and those that stand for a role.</summary>
internal sealed class NodeUnits
{
    private readonly Dictionary<RoleType, Unit> roles = [];
    private readonly List<Unit> demanded = [];

    public static NodeUnits Read(FabricMSPConfig config, Func<ByteString, ReadOnlyMemory<byte>> certifiersId)
    {
        var units = new NodeUnits();
        foreach (var unit in config.OrganizationalUnitIdentifiers)
            units.demanded.Add(new(unit.OrganizationalUnitIdentifier, certifiersId(unit.Certificate)));
        if (config.FabricNodeOus is not { Enable: true } node)
            return units;
        Add(RoleType.Client, node.ClientOuIdentifier);
        Add(RoleType.Peer, node.PeerOuIdentifier);
        Add(RoleType.Admin, node.AdminOuIdentifier);
        Add(RoleType.Orderer, node.OrdererOuIdentifier);
        return units;

        void Add(RoleType role, FabricOUIdentifier? unit)
        {
            if (unit is not null)
                units.roles[role] = new(unit.OrganizationalUnitIdentifier,
                    unit.Certificate.IsEmpty ? default : certifiersId(unit.Certificate));
        }
    }

    /// <summary>The unit that stands for the role; null where the MSP does not tell roles apart.</summary>
    public string? Name(RoleType role) => roles.TryGetValue(role, out var unit) ? unit.Name : null;

    /// <summary>What is wrong with a certificate's units; null when nothing is.</summary>
    public string? Check(IReadOnlyCollection<string> names, ReadOnlySpan<byte> certifiersId)
    {
        if (demanded.Count > 0)
        {
            var found = false;
            foreach (var unit in demanded)
                found |= names.Contains(unit.Name) && unit.CertifiersId.Span.SequenceEqual(certifiersId);
            if (!found)
                return "has none of the organizational units that the MSP demands";
        }
        if (roles.Count == 0)
            return null;
        var count = 0;
        foreach (var name in names)
        {
            if (roles.Values.LastOrDefault(unit => unit.Name == name) is not { } unit)
                continue;
            if (!unit.CertifiersId.IsEmpty && !unit.CertifiersId.Span.SequenceEqual(certifiersId))
                return $"has its unit '{unit.Name}' from an authority that may not give it";
            count++;
        }
        return count switch
        {
            1 => null,
            0 => "has no organizational unit for a role (client, peer, admin or orderer)",
            _ => "has more than one organizational unit for a role",
        };
    }

    private sealed record Unit(string Name, ReadOnlyMemory<byte> CertifiersId);
}
