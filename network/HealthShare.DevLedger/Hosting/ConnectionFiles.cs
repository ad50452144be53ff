using HealthShare.DevLedger.Network;
using HealthShare.Fabric.Protocol.Connection;

namespace HealthShare.DevLedger.Hosting;

/// <summary>Describes the channel to clients: addresses, MSP ids, and where certificates and keys lie.</summary>
internal static class ConnectionFiles
{
    // Gateways submit; no orderer has an address of its own here.
    public static void Write(string path, string channel, IEnumerable<Member> members) =>
        ConnectionFile.Write(path, new ConnectionProfile(
            channel, [], [.. members.Select(member => Organization(member.Material, member.Listener.Endpoint.ToString()))]));

    private static OrganizationConnection Organization(OrganizationMaterial material, string endpoint) => new(
        material.MspId,
        material.Domain,
        [new PeerConnection(
            material.NodeName, endpoint, material.NodeName, Operations: null, PemPair.CertificateFile(material.TlsCaFolder))],
        PemPair.CertificateFile(material.CaFolder),
        PemPair.KeyFile(material.CaFolder),
        // The administrator last, as in a network's own file: who names no user signs as the first, and as no administrator.
        [.. material.Users.OrderBy(user => user == "Admin").Select(user => User(material, user))]);

    /// <summary>A user, and where certificate and key lie.</summary>
    public static UserConnection User(OrganizationMaterial material, string name) =>
        new(name, PemPair.CertificateFile(material.UserFolder(name)), PemPair.KeyFile(material.UserFolder(name)));
}
