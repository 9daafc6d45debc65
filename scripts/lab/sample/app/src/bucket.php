<?php
/** An S3 bucket, by its plain HTTP interface: path style, requests signed as AWS's version 4. */
final class Bucket
{
    public function __construct(private string $endpoint, private string $name, private string $region, private string $key, private string $secret) {}

    public function put(string $object, string $body): void
    {
        $this->ask('PUT', $object, [], $body);
    }

    /** Its content, or null where there is none. */
    public function get(string $object): ?string
    {
        [$status, $body] = $this->ask('GET', $object, [], '', [404]);
        return $status === 404 ? null : $body;
    }

    public function delete(string $object): void
    {
        $this->ask('DELETE', $object);
    }

    /** Throws where the bucket is missing or refuses the credentials. */
    public function check(): void
    {
        $this->ask('GET', '', ['list-type' => '2', 'max-keys' => '1']);
    }

    /** The names of all objects below a prefix. */
    public function names(string $prefix): array
    {
        $names = [];
        $next = [];
        do {
            [, $body] = $this->ask('GET', '', ['list-type' => '2', 'prefix' => $prefix] + $next);
            $page = new SimpleXMLElement($body);
            foreach ($page->Contents as $one) $names[] = (string) $one->Key;
            $next = ['continuation-token' => (string) $page->NextContinuationToken];
        } while ((string) $page->IsTruncated === 'true');
        return $names;
    }

    private function ask(string $method, string $object, array $query = [], string $body = '', array $also = []): array
    {
        $path = '/' . $this->name . ($object === '' ? '' : '/' . implode('/', array_map('rawurlencode', explode('/', $object))));
        ksort($query);
        $asked = http_build_query($query, '', '&', PHP_QUERY_RFC3986);
        $curl = curl_init(rtrim($this->endpoint, '/') . $path . ($asked === '' ? '' : "?$asked"));
        curl_setopt_array($curl, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT => 3,
            CURLOPT_TIMEOUT => 30,
            CURLOPT_HTTPHEADER => $this->signed($method, $path, $asked, $body),
        ] + ($method === 'PUT' ? [CURLOPT_POSTFIELDS => $body] : []));
        $answer = curl_exec($curl);
        $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
        if ($answer === false) throw new RuntimeException("S3 $method $path: " . curl_error($curl));
        if ($status >= 300 && !in_array($status, $also, true)) {
            $why = preg_match('#<Code>(.*?)</Code>#', $answer, $found) ? $found[1] : '';
            throw new RuntimeException("S3 $method $path: status $status $why");
        }
        return [$status, $answer];
    }

    private function signed(string $method, string $path, string $asked, string $body): array
    {
        $now = gmdate('Ymd\THis\Z');
        $host = parse_url($this->endpoint, PHP_URL_HOST) . (($port = parse_url($this->endpoint, PHP_URL_PORT)) ? ":$port" : '');
        $hash = hash('sha256', $body);
        $headers = "host:$host\nx-amz-content-sha256:$hash\nx-amz-date:$now\n";
        $names = 'host;x-amz-content-sha256;x-amz-date';
        $scope = substr($now, 0, 8) . "/{$this->region}/s3/aws4_request";
        $text = "AWS4-HMAC-SHA256\n$now\n$scope\n" . hash('sha256', "$method\n$path\n$asked\n$headers\n$names\n$hash");
        $key = "AWS4{$this->secret}";
        foreach (explode('/', $scope) as $part) $key = hash_hmac('sha256', $part, $key, true);
        $signature = hash_hmac('sha256', $text, $key);
        return [
            "x-amz-content-sha256: $hash", "x-amz-date: $now", 'Content-Type: application/octet-stream',
            // Else curl asks whether it may send, and waits a second for an answer.
            'Expect:',
            "Authorization: AWS4-HMAC-SHA256 Credential={$this->key}/$scope, SignedHeaders=$names, Signature=$signature",
        ];
    }
}
