using Google.Protobuf;
using HealthShare.DevLedger.Endorsement;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Common;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Gateway;

/// <summary>Has one proposal endorsed by several organizations and puts the transaction together.</summary>
internal sealed class EndorsementCollector(
    ProposedCall call, IReadOnlyList<Endorser> endorsers, ChaincodeDefinitions definitions)
{
    private readonly Dictionary<Endorser, ProposalResponse> endorsed = [];
    private readonly List<Endorser> failed = [];
    private readonly List<ErrorDetail> details = [];

    /// <summary>Collects endorsements of exactly the organizations that the client named.</summary>
    /// <exception cref="RpcException">One of them has no endorser, or failed.</exception>
    public async Task<Envelope> FromAsync(IEnumerable<string> organizations, CancellationToken ct)
    {
        var named = organizations.Distinct(StringComparer.Ordinal).ToList();
        var missing = named.Except(endorsers.Select(endorser => endorser.MspId)).ToList();
        if (missing.Count > 0)
            throw new RpcException(
                StatusCode.Unavailable, $"failed to find any endorsing peers for org(s): {string.Join(", ", missing)}");
        var chosen = endorsers.Where(endorser => named.Contains(endorser.MspId)).ToList();
        await CollectAsync(chosen, ct);
        return failed.Count == 0 ? Prepare(chosen) : throw NotEnough();
    }

    /// <summary>Lets the policies decide who endorses, beginning with the gateway's own organization.</summary>
    /// <exception cref="RpcException">No endorser could be found, or too few agreed.</exception>
    public async Task<Envelope> ByPolicyAsync(string localMspId, CancellationToken ct)
    {
        var local = endorsers.Where(endorser => endorser.MspId == localMspId).ToList();
        if (local.Count == 0 && call.HasTransientData)
            throw new RpcException(StatusCode.FailedPrecondition, "no endorsers found in the gateway's organization; " +
                "retry specifying endorsing organization(s) to protect transient data");
        if (endorsers.Count == 0)
            throw EndorsementPlan.NoCombination($"No metadata was found for chaincode {call.Target} in channel {call.Channel.ChannelId}");
        var (first, answer) = await FirstAsync(local.Count > 0 ? local : endorsers, ct);
        var plan = EndorsementPlan.For(call, first, answer, endorsers, definitions);
        endorsed.Add(first, answer.Signed!);
        for (var chosen = failed.Count == 0 ? plan.Chosen : plan.Choose(endorsed.Keys, failed); chosen is not null;
            chosen = plan.Choose(endorsed.Keys, failed))
        {
            await CollectAsync([.. chosen.Where(endorser => !endorsed.ContainsKey(endorser))], ct);
            if (chosen.All(endorsed.ContainsKey))
                return Prepare(chosen);
        }
        throw NotEnough();
    }

    private async Task<(Endorser, EndorserAnswer)> FirstAsync(IEnumerable<Endorser> candidates, CancellationToken ct)
    {
        foreach (var endorser in candidates)
        {
            var answer = await endorser.ProcessAsync(call, endorse: true, ct);
            if (answer is { Code: StatusCode.OK, Signed: not null })
                return (endorser, answer);
            Fail(endorser, answer.Message);
            if (!answer.MayRetryElsewhere)
                break;
        }
        throw GatewayErrors.With(
            StatusCode.Aborted, "failed to endorse transaction, see attached details for more info", details);
    }

    private async Task CollectAsync(IReadOnlyList<Endorser> chosen, CancellationToken ct)
    {
        var answers = await Task.WhenAll(chosen.Select(endorser => endorser.ProcessAsync(call, endorse: true, ct)));
        foreach (var (endorser, answer) in chosen.Zip(answers))
        {
            if (answer is not { Code: StatusCode.OK, Signed: { } signed })
                Fail(endorser, answer.Message);
            else if (endorsed.Count > 0 && endorsed.Values.First().Payload != signed.Payload)
                Fail(endorser, "ProposalResponsePayloads do not match");
            else
                endorsed.Add(endorser, signed);
        }
    }

    private void Fail(Endorser endorser, string message)
    {
        failed.Add(endorser);
        details.Add(GatewayErrors.Detail(endorser, message));
    }

    private Envelope Prepare(IReadOnlyList<Endorser> chosen)
    {
        var action = new ChaincodeEndorsedAction { ProposalResponsePayload = endorsed[chosen[0]].Payload };
        action.Endorsements.Add(chosen.Select(endorser => endorsed[endorser].Endorsement));
        return Prepare(call, action);
    }

    /// <summary>The transaction of a call with its endorsements, to be signed by the creator.</summary>
    public static Envelope Prepare(ProposedCall call, ChaincodeEndorsedAction action)
    {
        // Each message is a field of the one around it: written into one array, none is copied on its way out.
        var payload = new ChaincodeActionPayload { ChaincodeProposalPayload = call.PayloadWithoutTransient, Action = action };
        var payloadSize = payload.CalculateSize();
        var actionSize = FieldSize(call.Header.SignatureHeader.Length) + FieldSize(payloadSize);
        var transactionSize = FieldSize(actionSize);
        var bytes = new byte[FieldSize(call.Header.CalculateSize()) + FieldSize(transactionSize)];
        using var output = new CodedOutputStream(bytes);
        Tag(Payload.HeaderFieldNumber);
        output.WriteMessage(call.Header);
        Tag(Payload.DataFieldNumber);
        output.WriteLength(transactionSize);
        Tag(Transaction.ActionsFieldNumber);
        output.WriteLength(actionSize);
        Tag(TransactionAction.HeaderFieldNumber);
        output.WriteBytes(call.Header.SignatureHeader);
        Tag(TransactionAction.PayloadFieldNumber);
        output.WriteLength(payloadSize);
        payload.WriteTo(output);
        output.CheckNoSpaceLeft();
        return new Envelope { Payload = UnsafeByteOperations.UnsafeWrap(bytes) };

        void Tag(int field) => output.WriteTag(field, WireFormat.WireType.LengthDelimited);
    }

    // The tags of these fields take one byte each.
    private static int FieldSize(int length) => 1 + CodedOutputStream.ComputeLengthSize(length) + length;

    private RpcException NotEnough() => GatewayErrors.With(
        StatusCode.Aborted, "failed to collect enough transaction endorsements, see attached details for more info", details);
}
