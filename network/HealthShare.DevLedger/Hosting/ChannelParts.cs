using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Gateway;
using HealthShare.DevLedger.Ordering;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Hosting;

/// <summary>
/// The parts of a channel that are bound to one configuration. They never change: a new configuration gets new ones, and calls
/// that are under way end with those they began with.
/// </summary>
internal sealed class ChannelParts
{
    private const int SignaturesKept = 20_000; // of a few thousand transactions, from proposal to commit
    private readonly ChannelLedger ledger;
    private readonly TransientValues transient;
    private readonly SystemChaincodes systemChaincodes;
    private readonly ChaincodeDefinitions definitions;
    private readonly IReadOnlyList<(Member Member, Endorser Endorser)> peers;

    public ChannelParts(
        ChannelConfig config, ChannelLedger ledger, TransientValues transient, IReadOnlyList<Member> members,
        TimeSpan executeTimeout, TimeProvider time)
    {
        (Config, this.ledger, this.transient) = (config, ledger, transient);
        var verified = config.Identities.Verified = new VerifiedSignatures(SignaturesKept);
        definitions = new ChaincodeDefinitions(config);
        systemChaincodes = new SystemChaincodes(config, ledger);
        Validator = new TransactionValidator(config, definitions);
        var distribution = new Distribution(
            definitions.Collections, [.. members.Select(member => config.Identities.Read(member.Identity.Creator))]);
        var services = new EndorserServices(config, ledger, definitions, new ProposalCheck(config, ledger, time), distribution,
            systemChaincodes, transient, verified, executeTimeout);
        peers = [.. members.Select(member => (member, new Endorser(
            member.Identity, config.Identities.Read(member.Identity.Creator), member.Chaincodes, services)
        {
            Address = member.Listener.Endpoint.ToString(),
        }))];
    }

    public ChannelConfig Config { get; }

    public TransactionValidator Validator { get; }

    /// <summary>Everyone's peers, of those that endorse and of those that do not.</summary>
    public IReadOnlyList<Endorser> Peers => [.. peers.Select(peer => peer.Endorser)];

    /// <summary>Lets every member's gateway serve from these parts.</summary>
    public void Serve(Orderer orderer, BatchOptions batch, TimeProvider time)
    {
        var services = new GatewayServices(Config, ledger, definitions,
            [.. peers.Where(peer => peer.Member.Options.Endorses).Select(peer => peer.Endorser)],
            systemChaincodes, new Broadcast(Config, orderer, transient, batch, time), orderer);
        foreach (var (member, endorser) in peers)
            member.Listener.Serve(
                new GatewayService(member.Options.MspId, endorser, services), new DeliverService(member.Options.MspId, services, time));
    }
}
