using System.Net;
using System.Net.Http.Headers;

namespace HealthShare.UnitTests.Protocol.Grpc;

/// <summary>Requests whose body is given byte by byte.</summary>
internal static class RawGrpc
{
    public static HttpRequestMessage Request(Uri address, string path, byte[] body, string contentType = "application/grpc") =>
        new(HttpMethod.Post, new Uri(address, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = MediaTypeHeaderValue.Parse(contentType) } },
        };
}
