using System.Net;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>HTTP to one daemon: bounded in time and size, repeated where that is safe, stopped for a while when most calls fail.</summary>
internal sealed class IpfsTransport : IDisposable
{
    private static readonly string UserAgent = "HealthShare/" + (typeof(IpfsTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?
        .InformationalVersion.Split('+')[0] ?? "0");

    private readonly IpfsEndpoint endpoint;
    private readonly TimeProvider time;
    private readonly HttpClient http;
    private readonly ResiliencePipeline pipeline;

    public IpfsTransport(IpfsEndpoint endpoint, TimeProvider time)
    {
        if (!endpoint.Url.IsAbsoluteUri || endpoint.Url.Scheme is not ("http" or "https") || endpoint.Url.UserInfo.Length > 0)
            throw new ArgumentException("An address is http://HOST:PORT or https://HOST:PORT, without user or password.", nameof(endpoint));
        this.endpoint = endpoint;
        this.time = time;
        http = new HttpClient(CreateHandler(endpoint)) { BaseAddress = endpoint.Url, Timeout = Timeout.InfiniteTimeSpan };
        // Daemons refuse what looks like a web page's script: an own agent, and never an Origin.
        http.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", UserAgent);
        http.DefaultRequestHeaders.Authorization = endpoint.Authorization;
        pipeline = CreatePipeline(endpoint, time);
    }

    /// <summary>Makes a short call: head and body within the call's time.</summary>
    public Task<T> CallAsync<T>(IpfsCall call, Func<IpfsAnswer, ValueTask<T>> read, CancellationToken ct) =>
        ExecuteAsync(call, async token =>
        {
            await using var answer = await SendAsync(call, windPerRead: false, token);
            return await read(answer);
        }, ct);

    /// <summary>Makes a call whose answer is a stream: the head within the call's time, then no standstill longer than that.</summary>
    public Task<IpfsAnswer> OpenAsync(IpfsCall call, CancellationToken ct) =>
        ExecuteAsync(call, token => new ValueTask<IpfsAnswer>(SendAsync(call, windPerRead: true, token)), ct);

    public void Dispose() => http.Dispose();

    private async Task<T> ExecuteAsync<T>(IpfsCall call, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken ct)
    {
        var context = ResilienceContextPool.Shared.Get(ct);
        context.Properties.Set(MayRepeat, call.MayRepeat);
        try
        {
            return await pipeline.ExecuteAsync(inner => attempt(inner.CancellationToken), context);
        }
        catch (BrokenCircuitException e)
        {
            throw new IpfsException(call.Name, IpfsFailure.Unreachable,
                $"not called: most calls of {endpoint.Url.Authority} failed just now.", inner: e);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<IpfsAnswer> SendAsync(IpfsCall call, bool windPerRead, CancellationToken ct)
    {
        var clock = new StallClock(call.Timeout ?? endpoint.CallTimeout, time, ct);
        var started = time.GetTimestamp();
        var outcome = "ok";
        IpfsAnswer? answer = null;
        try
        {
            using var request = new HttpRequestMessage(call.Method, call.Path) { Content = call.Content?.Invoke(clock) };
            // An upload is not begun before the daemon has let this caller in.
            request.Headers.ExpectContinue = request.Content is null ? null : true;
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, clock.Token);
            answer = new IpfsAnswer(call.Name, response, await response.Content.ReadAsStreamAsync(clock.Token), clock, windPerRead);
            if (!response.IsSuccessStatusCode)
                throw await IpfsErrors.ReadAsync(call.Name, response.StatusCode, answer);
            if (windPerRead)
                clock.Wind();
            return answer;
        }
        catch (Exception e)
        {
            var told = Translate(call, clock, e);
            outcome = told is IpfsException { Failure: var failure } ? failure.ToString() : "cancelled";
            answer?.Dispose();
            clock.Dispose();
            if (ReferenceEquals(told, e))
                throw;
            throw told;
        }
        finally
        {
            IpfsMetrics.Called(call.Name, time.GetElapsedTime(started), outcome);
        }
    }

    private Exception Translate(IpfsCall call, StallClock clock, Exception error) => error switch
    {
        OperationCanceledException when clock.IsOver =>
            new IpfsException(call.Name, IpfsFailure.TimedOut, $"{endpoint.Url.Authority} did not answer within {clock.Limit}.", inner: error),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } =>
            new IpfsException(call.Name, IpfsFailure.BadAnswer, $"{endpoint.Url.Authority} does not answer as a daemon does.", inner: error),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
            new IpfsException(call.Name, IpfsFailure.Unreachable, $"the certificate of {endpoint.Url.Authority} is not trusted.", inner: error),
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } =>
            new IpfsException(call.Name, IpfsFailure.Cut, $"{endpoint.Url.Authority} hung up.", inner: error),
        HttpRequestException =>
            new IpfsException(call.Name, IpfsFailure.Unreachable, $"{endpoint.Url.Authority} cannot be reached.", inner: error),
        _ => error,
    };

    private static readonly ResiliencePropertyKey<Func<bool>> MayRepeat = new("may-repeat");

    private static ResiliencePipeline CreatePipeline(IpfsEndpoint endpoint, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (endpoint.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = endpoint.Retries,
                Delay = endpoint.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                // A time-out is not repeated: it was as long as the caller would wait.
                ShouldHandle = arguments => new(arguments.Outcome.Exception
                    is IpfsException { Failure: IpfsFailure.Unreachable or IpfsFailure.Busy or IpfsFailure.Cut, InnerException: not BrokenCircuitException }
                    && arguments.Context.Properties.GetValue(MayRepeat, () => true)()),
            });
        }
        return builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0.7,
            MinimumThroughput = 10,
            SamplingDuration = TimeSpan.FromSeconds(10),
            BreakDuration = endpoint.BreakDuration,
            ShouldHandle = arguments => new(arguments.Outcome.Exception
                is IpfsException { Failure: IpfsFailure.Unreachable or IpfsFailure.Busy or IpfsFailure.TimedOut }),
        }).Build();
    }

    private static SocketsHttpHandler CreateHandler(IpfsEndpoint endpoint)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false, // a private network: nothing goes through whatever the environment names
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = endpoint.ConnectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxConnectionsPerServer = 64,
            MaxResponseHeadersLength = 32, // KiB
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        };
        if (endpoint.CaFile is { } file)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(file);
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck, // a private authority publishes no lists
            };
            handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        return handler;
    }
}
