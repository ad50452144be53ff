using Google.Protobuf;
using HealthShare.DevLedger.Chaincode;
using HealthShare.DevLedger.Network;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.State;
using HealthShare.DevLedger.Storage;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Grpc;
using HealthShare.Fabric.Protocol.Ledger;
using HealthShare.Fabric.Protocol.Msp;
using HealthShare.Fabric.Protocol.Peer;
using Type = HealthShare.Fabric.Protocol.Peer.ChaincodeMessage.Types.Type;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>What all endorsers of the channel share.</summary>
internal sealed record EndorserServices(
    ChannelConfig Config, ChannelLedger Ledger, ChaincodeDefinitions Definitions, ProposalCheck Check, Distribution Distribution,
    SystemChaincodes SystemChaincodes, TransientValues Transient, VerifiedSignatures Verified, TimeSpan ExecuteTimeout);

/// <summary>One organization's peer: checks proposals, has its own chaincode stream execute them, signs what came out.</summary>
internal sealed class Endorser(
    PeerSigner identity, MspIdentity self, IReadOnlyDictionary<string, ChaincodeConnection> chaincodes,
    EndorserServices services)
{
    private const int FirstErrorStatus = 400;

    public string MspId => identity.MspId;

    /// <summary>Address in error details: <c>host:port</c> of the organization's gateway, known once it listens.</summary>
    public string Address { get; set; } = "";

    /// <summary>The identity it signs with, as the channel's policies see it.</summary>
    public MspIdentity Self => self;

    /// <summary>Whether it can execute a chaincode.</summary>
    public bool Has(string chaincode) => chaincodes.ContainsKey(chaincode) || SystemChaincodes.Contains(chaincode);

    /// <summary>Executes a proposal.</summary>
    /// <param name="call">The proposal.</param>
    /// <param name="endorse">Whether to sign the outcome and keep private values for the commit.</param>
    /// <param name="ct">Ends the wait; the chaincode is not told.</param>
    public async Task<EndorserAnswer> ProcessAsync(ProposedCall call, bool endorse, CancellationToken ct)
    {
        if (services.Check.IsExpired(call))
            return new EndorserAnswer(StatusCode.Unavailable, "proposal client identity expired");
        if (services.Check.Fault(call) is { } fault)
            return new EndorserAnswer(StatusCode.FailedPrecondition, fault);
        if (SystemChaincodes.Contains(call.Chaincode))
            return Answer(call, services.SystemChaincodes.Execute(call), endorse);
        try
        {
            // A peer goes on with what it has begun when its caller hangs up, and its id stays taken until then.
            return await ExecuteAsync(call, endorse, CancellationToken.None).WaitAsync(ct);
        }
        catch (ChaincodeFailure e)
        {
            return new EndorserAnswer(
                StatusCode.Aborted, $"error in simulation: failed to execute transaction {call.TransactionId}: {e.Message}");
        }
    }

    private async Task<EndorserAnswer> ExecuteAsync(ProposedCall call, bool endorse, CancellationToken ct)
    {
        var state = services.Ledger.State;
        if (services.Definitions.Find(state, call.Chaincode) is not { } definition)
            return new EndorserAnswer(StatusCode.Aborted, $"make sure the chaincode {call.Chaincode} has been successfully " +
                $"defined on channel {call.Channel.ChannelId} and try again: chaincode {call.Chaincode} not found");
        var simulator = new TransactionSimulator(state, services.Definitions.Collections, MspId, call.Chaincode, call.TransactionId,
            services.Config.Identities.Read(call.Signature.Creator));
        var answer = await InvokeAsync(call, simulator, call.Input, ct);
        if (answer.Type is Type.Error)
            return new EndorserAnswer(StatusCode.Aborted,
                $"error in simulation: transaction returned with failure: {answer.Payload.ToStringUtf8()}");
        Response response;
        try
        {
            response = Response.Parser.ParseFrom(answer.Payload);
        }
        catch (InvalidProtocolBufferException)
        {
            return new EndorserAnswer(StatusCode.Aborted,
                $"error in simulation: failed to unmarshal response for transaction {call.TransactionId}: {GoTexts.Malformed}");
        }
        var judged = Judge(response);
        if (judged.Code is not StatusCode.OK || (!endorse && !simulator.WritesPrivately))
            return judged;
        // A peer hands private values on whoever asked: where it cannot, a query fails, too.
        var results = simulator.Finish();
        if (results.PrivateValues is { } values && services.Distribution.Fault(values, self, simulator.State) is { } fault)
            return new EndorserAnswer(StatusCode.Aborted, "error in simulation: failed to distribute private collection, " +
                $"txID {call.TransactionId}, channel {call.Channel.ChannelId}: {fault}");
        return endorse ? Endorse(call, definition, response, answer.ChaincodeEvent, simulator.State, results) : judged;
    }

    private async Task<ChaincodeMessage> InvokeAsync(
        ProposedCall call, TransactionSimulator simulator, ChaincodeInput input, CancellationToken ct)
    {
        if (!chaincodes.TryGetValue(simulator.Chaincode, out var connection)
            || services.Definitions.Find(simulator.State, simulator.Chaincode) is not { } definition)
            throw new ChaincodeFailure($"invalid invocation: [channel {call.Channel.ChannelId}] failed to get chaincode container info " +
                $"for {simulator.Chaincode}: chaincode {simulator.Chaincode} not found");
        using var execution = new TransactionExecution(
            call.Channel.ChannelId, call.TransactionId, call.Signed, simulator, services.Ledger, (caller, spec) => CallAsync(call, caller, spec))
        {
            IsInit = InitRule.Check(definition, simulator, input),
        };
        var answer = await connection.ExecuteAsync(execution, input, services.ExecuteTimeout, ct);
        execution.Dispose(); // nothing the chaincode still sends may change what is signed now
        return answer;
    }

    // Name, and optionally version and channel: NAME:VERSION/CHANNEL. The version is not looked at.
    private async Task<ChaincodeMessage> CallAsync(ProposedCall call, TransactionExecution caller, ChaincodeSpec spec)
    {
        var parts = spec.ChaincodeId.Name.Split('/', 2);
        var callee = parts[0].Split(':', 2)[0];
        if (SystemChaincodes.Contains(callee))
            return new ChaincodeMessage
            {
                Type = Type.Completed,
                Txid = caller.TransactionId,
                ChannelId = caller.Channel,
                Payload = services.SystemChaincodes.ExecuteInside(callee, spec.Input, call.Chaincode).ToByteString(),
            };
        if (parts is [_, { Length: > 0 } other] && other != caller.Channel)
            throw new SimulationException(SystemChaincodes.UnknownChannel(other));
        TransactionSimulator simulator;
        lock (caller.Simulator.Gate)
            simulator = caller.Ended ? throw new SimulationException("no ledger context") : caller.Simulator.For(callee);
        return await InvokeAsync(call, simulator, spec.Input, caller.Ending);
    }

    private static EndorserAnswer Judge(Response response) => response.Status is >= 200 and < FirstErrorStatus
        ? new EndorserAnswer(StatusCode.OK, "", response)
        : new EndorserAnswer(StatusCode.Unknown, $"chaincode response {response.Status}, {response.Message}", response);

    private EndorserAnswer Endorse(
        ProposedCall call, ChaincodeDefinition definition, Response response, ChaincodeEvent? chaincodeEvent, WorldState state,
        SimulationResults results)
    {
        if (results.PrivateValues is { } values)
            services.Transient.Add(call.TransactionId, values, state.Height);
        if (chaincodeEvent is not null)
            (chaincodeEvent.ChaincodeId, chaincodeEvent.TxId) = (call.Chaincode, call.TransactionId);
        return new EndorserAnswer(StatusCode.OK, "", response)
        {
            Results = results.Results,
            State = state,
            PrivateReads = results.PrivateReads,
            Signed = Sign(call, new ChaincodeAction
            {
                Results = results.Results.ToByteString(),
                Events = chaincodeEvent?.ToByteString() ?? ByteString.Empty,
                Response = response,
                ChaincodeId = new ChaincodeID { Name = call.Chaincode, Version = definition.Version },
            }),
        };
    }

    // A peer signs what its own chaincodes answer as well; nobody finds a policy for it, so no gateway makes use of it by itself.
    private EndorserAnswer Answer(ProposedCall call, Response response, bool endorse)
    {
        var judged = Judge(response);
        return judged.Code is not StatusCode.OK || !endorse ? judged : judged with
        {
            Signed = Sign(call, new ChaincodeAction
            {
                Response = response,
                ChaincodeId = new ChaincodeID { Name = call.Chaincode, Version = Lifecycle.Version },
            }),
        };
    }

    private ProposalResponse Sign(ProposedCall call, ChaincodeAction action)
    {
        var payload = new ProposalResponsePayload { ProposalHash = call.Hash, Extension = action.ToByteString() }.ToByteString();
        return new ProposalResponse { Version = 1, Response = action.Response, Payload = payload, Endorsement = Sign(payload) };
    }

    /// <summary>Signs a proposal response's payload as this organization's peer.</summary>
    public Fabric.Protocol.Peer.Endorsement Sign(ByteString payload)
    {
        var hash = EndorserTransaction.EndorsedHash(payload, identity.Creator);
        var signature = UnsafeByteOperations.UnsafeWrap(identity.SignHash(hash));
        services.Verified.Add(self, hash, signature); // nobody in this process needs to find out again
        return new Fabric.Protocol.Peer.Endorsement { Endorser = identity.Creator, Signature = signature };
    }
}
