namespace HealthShare.Chaincode.Shim;

/// <summary>
/// A chaincode as the peer sees it: one function that gets every transaction. <see cref="ChaincodeRouter"/> is the usual
/// implementation; implement it directly only to handle raw function names. One instance serves all transactions at once.
/// </summary>
public interface IChaincode
{
    /// <summary>Runs one transaction. An exception is answered to the peer as a failure without its message.</summary>
    /// <param name="stub">World state, arguments and caller of this transaction; not valid after the method returns.</param>
    /// <param name="ct">Cancelled when the execution limit passes or the peer goes away.</param>
    Task<ChaincodeResponse> InvokeAsync(IChaincodeStub stub, CancellationToken ct);

    /// <summary>
    /// Runs when the chaincode's definition asks for initialisation and the client calls with <c>isInit</c>. Default: succeeds
    /// and writes nothing.
    /// </summary>
    /// <param name="stub">World state, arguments and caller of this transaction.</param>
    /// <param name="ct">Cancelled when the execution limit passes or the peer goes away.</param>
    Task<ChaincodeResponse> InitAsync(IChaincodeStub stub, CancellationToken ct) => Task.FromResult(ChaincodeResponse.Success());
}

/// <summary>What a transaction answers.</summary>
/// <param name="Status">200 is success; 400 and above keep the transaction from being endorsed.</param>
/// <param name="Message">Text for the caller; empty on success.</param>
/// <param name="Payload">Result bytes; empty on failure.</param>
public sealed record ChaincodeResponse(int Status, string Message, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Status of success.</summary>
    public const int Ok = 200;

    /// <summary>Status of every refusal and failure.</summary>
    public const int ServerError = 500;

    /// <summary>True when the transaction may be endorsed.</summary>
    public bool IsSuccess => Status < 400;

    /// <summary>A success with the given result.</summary>
    public static ChaincodeResponse Success(ReadOnlyMemory<byte> payload = default) => new(Ok, "", payload);

    /// <summary>A failure whose message is <c>code: text</c>.</summary>
    /// <param name="code">Stable code, such as <c>arguments.invalid</c>.</param>
    /// <param name="text">One sentence for a person.</param>
    public static ChaincodeResponse Error(string code, string text) => new(ServerError, $"{code}: {text}", default);
}
