using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>Gives commands to the ledger that runs on a state folder.</summary>
internal sealed class AdminClient : IDisposable
{
    private const string Another = "another program answers at the address that the ledger had";

    private readonly HttpClient http;

    private AdminClient(AdminDoor door)
    {
        // The address is of this machine: no proxy of the environment has to do with it.
        http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(door.Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(door.Token);
    }

    /// <exception cref="InvalidOperationException">No ledger runs there, or this user may not command it.</exception>
    public static AdminClient Open(DirectoryInfo state)
    {
        var file = Path.Combine(state.FullName, AdminEndpoint.FileName);
        try
        {
            return new AdminClient(JsonSerializer.Deserialize(File.ReadAllBytes(file), AdminJson.Default.AdminDoor)
                ?? throw new InvalidOperationException($"'{file}' is empty."));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidOperationException($"No ledger is running on '{state.FullName}'.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"'{file}' cannot be read: {e.Message}", e);
        }
    }

    public Task<StatusReport> StatusAsync(CancellationToken ct) => AnswerAsync(http.GetAsync("status", ct), ct);

    public Task<StatusReport> SendAsync<T>(string path, T request, JsonTypeInfo<T> type, CancellationToken ct) =>
        AnswerAsync(http.PostAsJsonAsync(path, request, type, ct), ct);

    public void Dispose() => http.Dispose();

    private async Task<StatusReport> AnswerAsync(Task<HttpResponseMessage> call, CancellationToken ct)
    {
        try
        {
            using var response = await call;
            if (response.IsSuccessStatusCode)
                return (await response.Content.ReadFromJsonAsync(AdminJson.Default.StatusReport, ct))!;
            var reason = response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound
                ? Another
                : (await response.Content.ReadFromJsonAsync(AdminJson.Default.AdminRefusal, ct))!.Error;
            throw response.StatusCode is HttpStatusCode.BadRequest
                ? new ArgumentException(reason)
                : new InvalidOperationException(reason);
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"The ledger does not answer: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"The ledger does not answer within {http.Timeout.TotalSeconds:0} seconds; what it was asked for may still be done.", e);
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException(Another, e);
        }
    }
}
