namespace HealthShare.Fabric.Client.Peers;

/// <summary>
/// Which peers may see a request. Whoever serves as gateway sees the transient data, so that goes to nobody whom the caller
/// does not trust with it anyway.
/// </summary>
internal readonly struct PeerScope(TransactionRequest? request, bool ownOnly = false)
{
    /// <summary>Every peer.</summary>
    public static PeerScope Any => default;

    /// <summary>Peers of the own organization, and those whose organization is not known.</summary>
    public static PeerScope Own => new(request: null, ownOnly: true);

    /// <summary>What is asked; null where it does not matter.</summary>
    public TransactionRequest? Request => request;

    public bool Allows(GatewayPeer peer, string ownMspId) =>
        peer.MspId is null || peer.MspId == ownMspId
        || (!ownOnly && (request is not { Transient.Count: > 0 } || request.Organizations.Contains(peer.MspId)));
}
