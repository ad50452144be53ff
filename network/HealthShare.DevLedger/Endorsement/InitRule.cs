using Google.Protobuf;
using HealthShare.DevLedger.Chaincode;
using HealthShare.DevLedger.Simulation;
using HealthShare.DevLedger.Validation;
using HealthShare.Fabric.Protocol.Peer;

namespace HealthShare.DevLedger.Endorsement;

/// <summary>
/// Lets a chaincode whose definition asks for it be initialized once for each version, before anything else. A key of the
/// chaincode's own holds the version, so that two initializations in one block conflict.
/// </summary>
internal static class InitRule
{
    // Below every key of a chaincode's own making: composite keys hold no such character behind the first.
    private const string Key = "\0\U0010FFFFinitialized";

    /// <summary>Whether this call initializes.</summary>
    /// <exception cref="ChaincodeFailure">It does, and should not; or it does not, and should.</exception>
    public static bool Check(ChaincodeDefinition definition, TransactionSimulator simulator, ChaincodeInput input)
    {
        var name = simulator.Chaincode;
        if (!definition.InitRequired)
            return input.IsInit ? throw Invalid($"'{name}' does not require initialization but called as init") : false;
        lock (simulator.Gate)
            return Check(simulator, ByteString.CopyFromUtf8(definition.Version), input.IsInit);
    }

    private static bool Check(TransactionSimulator simulator, ByteString version, bool isInit)
    {
        var name = simulator.Chaincode;
        var pending = simulator.Get(Key) != version;
        if (!isInit)
            return pending ? throw Invalid($"'{name}' has not been initialized for this version, must call as init first") : false;
        if (!pending)
            throw Invalid($"'{name}' is already initialized but called as init");
        simulator.Put(Key, version);
        return true;
    }

    private static ChaincodeFailure Invalid(string reason) => new($"invalid invocation: chaincode {reason}");
}
