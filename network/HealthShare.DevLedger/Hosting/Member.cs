using HealthShare.DevLedger.Chaincode;
using HealthShare.DevLedger.Network;

namespace HealthShare.DevLedger.Hosting;

/// <summary>One organization's peer as it lasts from start to stop: keys, chaincode streams, and a place to listen.</summary>
internal sealed class Member : IAsyncDisposable
{
    public Member(
        OrganizationOptions options, OrganizationMaterial material, GatewayListener listener,
        IReadOnlyDictionary<string, ChaincodeConnection> chaincodes)
    {
        (Options, Material, Listener, Chaincodes) = (options, material, listener, chaincodes);
        Identity = new PeerSigner(material);
    }

    public OrganizationOptions Options { get; }

    public OrganizationMaterial Material { get; }

    public GatewayListener Listener { get; }

    /// <summary>Its own stream to each chaincode; empty where it does not endorse.</summary>
    public IReadOnlyDictionary<string, ChaincodeConnection> Chaincodes { get; }

    /// <summary>What its peer signs with.</summary>
    public PeerSigner Identity { get; }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        foreach (var connection in Chaincodes.Values)
            await connection.DisposeAsync();
        Identity.Dispose();
    }
}
