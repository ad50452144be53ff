namespace HealthShare.Fabric.Client.Peers;

/// <summary>
/// Which peers may see a request. Whoever serves as gateway sees the transient data, so that goes to nobody whom the caller
/// does not trust with it anyway.
/// </summary>
internal readonly struct PeerScope(TransactionRequest? request)
{
    /// <summary>Every peer.</summary>
    public static PeerScope Any => default;

    public static PeerScope Of(TransactionRequest request) => new(request.Transient.Count > 0 ? request : null);

    public bool Allows(GatewayPeer peer, string ownMspId) =>
        request is null || peer.MspId is null || peer.MspId == ownMspId || request.Organizations.Contains(peer.MspId);
}
