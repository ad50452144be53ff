namespace HealthShare.Fabric.Client.Peers;

/// <summary>
/// Which peers may see a request. Whoever serves as gateway sees the transient data, so that goes to nobody whom the caller
/// does not trust with it anyway.
/// </summary>
internal readonly struct PeerScope(TransactionRequest? request)
{
    /// <summary>Every peer.</summary>
    public static PeerScope Any => default;

    /// <summary>What is asked; null where it does not matter.</summary>
    public TransactionRequest? Request => request;

    public bool Allows(GatewayPeer peer, string ownMspId) =>
        request is not { Transient.Count: > 0 } || peer.MspId is null || peer.MspId == ownMspId || request.Organizations.Contains(peer.MspId);
}
